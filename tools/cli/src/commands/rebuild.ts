import { command } from '../arguments.ts'
import { requireStack } from '../stack/client.ts'
import { compareRebuild } from '../stack/rebuild.ts'

const help = `
Usage: ./tributary rebuild

Computes every balance and position of the running stack anew from its transfers, beside those in use, and prints each row that
differs. Changes nothing. Exit 1 when any differs.
`

export const rebuild = command({
  name: 'rebuild',
  summary: 'compute balances anew and show what differs',
  help,
  options: {},
  async run() {
    return (await compareRebuild(requireStack())) ? 0 : 1
  },
})
