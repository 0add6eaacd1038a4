import { get, type Ingest, paid, send, webhook } from './sender.ts'

export type Usage = Readonly<{
  plan: string
  quota: number | null
  used: number
  deferred: number
  month: string
  resetsAt: string
}>

export async function usageOf(ingest: Ingest): Promise<Usage> {
  return (await get<Usage>(ingest, '/api/v1/usage')).body
}

/** Sets how many events of a month are published at once. */
export async function limit(ingest: Ingest, enterpriseEventsPerMonth: number | null): Promise<void> {
  const answer = await get(ingest, '/api/v1/system-config', {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ enterpriseEventsPerMonth }),
  })
  if (answer.status !== 200) throw new Error(JSON.stringify(answer))
}

/** Sends payments one after the other; answers their event ids. */
export async function pay(ingest: Ingest, invoiceIds: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  for (const invoiceId of invoiceIds) {
    const { status, body } = await send(ingest, { body: webhook({ ...paid, invoiceId }) })
    if (status !== 202 || body.status !== 'received') throw new Error(JSON.stringify(body))
    ids.push(body.eventId)
  }
  return ids
}

export const invoices = (count: number, name = 'in') => Array.from({ length: count }, (_, at) => `${name}_${at}`)

export async function statusOf(ingest: Ingest, eventId: string): Promise<string> {
  return (await get<{ status: string }>(ingest, `/api/v1/webhooks/events/${eventId}`)).body.status
}
