import { allScopes } from '@tributary/contracts'
import { command, Failure, usageError } from '../arguments.ts'
import { fetchToken, requireStack } from '../stack/client.ts'

const help = `
Usage: ./tributary token [--scope S ...] [--client ID]

Prints a bearer token for the local stack, from admin's POST /oauth/token.

  --scope S     ask for this scope only; may be given several times (default: all the client may have)
  --client ID   another client than the local one; its secret is read from TRIBUTARY_CLIENT_SECRET

Scopes: ${allScopes.join(', ')}
`

export const token = command({
  name: 'token',
  summary: 'print a bearer token for the local stack',
  help,
  options: { scope: { type: 'string', multiple: true }, client: { type: 'string' } },
  async run({ scope = [], client }) {
    const scopes = scope.flatMap((each) => each.split(/[\s,]+/)).filter((each) => each !== '')
    const unknown = scopes.find((each) => !(allScopes as readonly string[]).includes(each))
    if (unknown !== undefined) throw usageError('token', `there is no scope "${unknown}"`)
    const stack = requireStack()
    const secret = process.env.TRIBUTARY_CLIENT_SECRET
    if (client !== undefined && client !== stack.secrets.clientId && secret === undefined) {
      throw new Failure(`the secret of client "${client}" is not kept here: give it in TRIBUTARY_CLIENT_SECRET`)
    }
    const other = client === undefined || secret === undefined ? undefined : { id: client, secret }
    console.log(await (other === undefined ? fetchToken(stack, scopes) : fetchToken(stack, scopes, other)))
    return 0
  },
})
