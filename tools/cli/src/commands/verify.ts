import { command, usageError } from '../arguments.ts'
import { requireStack } from '../stack/client.ts'
import { runVerification } from '../stack/verification.ts'

const help = `
Usage: ./tributary verify

Checks the books of the running stack: every check is printed with how many things it looked at. Exit 1 on any break.

  --export FILE, --offline FILE   not built yet: a proof that needs no running stack
`

export const verify = command({
  name: 'verify',
  summary: 'check the books',
  help,
  options: { export: { type: 'string' }, offline: { type: 'string' } },
  async run({ export: exportTo, offline }) {
    if (exportTo !== undefined || offline !== undefined) {
      throw usageError(
        'verify',
        `--${exportTo === undefined ? 'offline' : 'export'} is not built yet; without it the running stack is checked`,
      )
    }
    return (await runVerification(requireStack())) ? 0 : 1
  },
})
