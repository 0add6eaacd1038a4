import { command } from '../arguments.ts'
import { call, fetchToken, requireStack } from '../stack/client.ts'

const help = `
Usage: ./tributary reseal [--json]

Seals every secret in ingest's database anew with the first key of SECRETS_KEY: the webhook secret, the adapters' secrets, and those
that still count beside them. Put the new key before the old one (new,old) and start every ingest with both before; afterwards
the old one can be dropped. All secrets are sealed anew, or none. docs/operations/sealing-key.md

  --json   print the answer as it came
`

interface Resealed {
  readonly resealed: number
  /** Of the key that seals all of them now. */
  readonly keyId: string
}

export const reseal = command({
  name: 'reseal',
  summary: 'seal every secret anew with the first key of SECRETS_KEY',
  help,
  options: { json: { type: 'boolean', default: false } },
  async run({ json }) {
    const stack = requireStack()
    const token = await fetchToken(stack, ['config:write'])
    const done = await call<Resealed>(token, 'POST', `${stack.url('ingest')}/api/v1/system-config/reseal`)
    console.log(json ? JSON.stringify(done) : summarize(done))
    return 0
  },
})

export function summarize({ resealed, keyId }: Resealed): string {
  return `${resealed} secret${resealed === 1 ? '' : 's'} sealed anew with key ${keyId}. The keys after it can be dropped from SECRETS_KEY.`
}
