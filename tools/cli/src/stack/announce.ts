import { readSecrets } from './secrets.ts'
import { runningState, serviceUrl } from './state.ts'

/** What a person needs next: where things are, with which credentials, and one command to try. */
export function announceStack(): void {
  const state = runningState()
  const secrets = readSecrets()
  if (state === undefined || secrets === undefined) return
  const lines = [
    ['admin', serviceUrl(state.portBase, 'admin')],
    ['ingest', `${serviceUrl(state.portBase, 'ingest')}/api/v1/webhooks/events`],
    ...(['rewards', 'ledger', 'payouts', 'fraud'] as const).map((name) => [name, serviceUrl(state.portBase, name)]),
    ['webhook secret', secrets.webhookSecret],
    ['client', `${secrets.clientId} / ${secrets.clientSecret}`],
    ['PostgreSQL', `${state.postgres?.url} (${state.postgres?.source})`],
    ['RabbitMQ', `${state.rabbitmq?.url} (${state.rabbitmq?.source})`],
  ]
  const width = Math.max(...lines.map(([name]) => (name as string).length))
  console.log(`\n${lines.map(([name, text]) => `  ${(name as string).padEnd(width)}  ${text}`).join('\n')}\n`)
  console.log('Each service has /docs and /openapi.json; ./tributary token prints a bearer token. Try:')
  const data = `{"externalUserId":"user-1","email":"user-1@example.com"}`
  console.log(`  ./tributary send user.registered --data '${data}' --follow\n`)
}
