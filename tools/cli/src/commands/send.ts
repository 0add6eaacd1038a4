import { randomUUID } from 'node:crypto'
import { command, Failure, usageError, wholeNumber } from '../arguments.ts'
import { describe, fetchToken, type LocalStack, request, requireStack, sendWebhook } from '../stack/client.ts'
import { followEvent, stuckBecause } from '../stack/hops.ts'

const help = `
Usage: ./tributary send TYPE --data JSON [--count N] [--id ID] [--secret SECRET] [--follow]

Signs a webhook with the local secret and sends it to ingest.

  --data JSON   the event's data, an object; "{n}" in it becomes the number of the webhook, from 1
  --count N     send N of them, each with its own webhook id (default 1)
  --id ID       the webhook-id; sent again with the same type and data, it is the same event again
  --secret S    sign with this secret (whsec_...): the one a rotation answered; without it, the one that up made
  --follow      print every hop until the ledger entry; exit 1 where one is parked, deferred or not there after 30 s

Example: ./tributary send subscription.paid --follow --data '{"externalUserId":"user-1","invoiceId":"invoice-1",
           "subscriptionId":"subscription-1","amount":4900,"currency":"USD"}'
`

const options = {
  data: { type: 'string' },
  count: { type: 'string', default: '1' },
  id: { type: 'string' },
  secret: { type: 'string' },
  follow: { type: 'boolean', default: false },
} as const

/** Enough to fill ingest's group commits, few enough for a laptop. */
const concurrencyMax = 32

export const send = command({
  name: 'send',
  summary: 'sign and send a webhook',
  help,
  options,
  positionals: { min: 1, max: 1 },
  async run({ data, count: countText, id, secret, follow }, [type]) {
    const count = wholeNumber('send', 'count', countText, 1, 1_000_000)
    if (data === undefined) throw usageError('send', '--data is missing')
    requireObject(data)
    if (id !== undefined && count > 1) throw usageError('send', '--id names one webhook, --count asks for several')
    const local = requireStack()
    const stack = secret === undefined ? local : { ...local, secrets: { ...local.secrets, webhookSecret: secret } }
    const eventIds = await sendAll(stack, type as string, data, count, id)
    return follow ? followAll(stack, eventIds) : 0
  },
})

function requireObject(text: string): void {
  try {
    const value: unknown = JSON.parse(text.replaceAll('{n}', '1'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return
  } catch {
    // Said below.
  }
  throw usageError('send', '--data is not a JSON object')
}

async function sendAll(
  stack: LocalStack,
  type: string,
  data: string,
  count: number,
  id: string | undefined,
): Promise<string[]> {
  const happenedAt = id === undefined ? undefined : await timeOfKnown(stack, id)
  const begun = Date.now()
  const eventIds: string[] = []
  let next = 1
  const worker = async () => {
    for (let number = next++; number <= count; number = next++) {
      const answer = await sendWebhook(
        stack,
        id ?? `cli-${randomUUID()}`,
        type,
        JSON.parse(data.replaceAll('{n}', String(number))),
        happenedAt,
      )
      if (answer.status !== 202) throw new Failure(`refused: ${describe(answer)}`)
      const accepted = answer.body as { eventId: string; duplicate: boolean }
      eventIds.push(accepted.eventId)
      if (count === 1)
        console.log(`202 ${accepted.duplicate ? 'known already' : 'received'}, event ${accepted.eventId}`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(count, concurrencyMax) }, worker))
  const seconds = (Date.now() - begun) / 1000
  if (count > 1) console.log(`${count} accepted in ${seconds.toFixed(1)} s (${Math.round(count / seconds)} a second)`)
  return eventIds
}

/**
 * When the webhook of this id said that it happened, if ingest knows it. A sender repeats a webhook byte for byte; with another
 * time in it, it would be another body under the same id.
 */
async function timeOfKnown(stack: LocalStack, id: string): Promise<string | undefined> {
  const token = await fetchToken(stack, ['webhooks:read'])
  const url = `${stack.url('ingest')}/api/v1/webhooks/events?webhookId=${encodeURIComponent(id)}`
  const answer = await request(url, { headers: { authorization: `Bearer ${token}` } })
  if (answer.status !== 200) return undefined
  return (answer.body as { body: { timestamp?: string } }).body.timestamp
}

async function followAll(stack: LocalStack, eventIds: readonly string[]): Promise<number> {
  const token = await fetchToken(stack, ['webhooks:read'])
  let unsettled = 0
  for (const eventId of eventIds) {
    if (eventIds.length > 1) console.log(`event ${eventId}`)
    const { event, settled } = await followEvent(stack, token, eventId, (line) => console.log(`  ${line}`))
    const stuck = stuckBecause(event)
    if (!settled || stuck !== null) unsettled += 1
    const why = stuck === null ? '' : ` (${stuck})`
    console.log(`  ${settled ? event.status : `still ${event.status} after 30 s`}${why}`)
  }
  return unsettled === 0 ? 0 : 1
}
