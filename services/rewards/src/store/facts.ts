import { query, type Transaction } from '@tributary/database'

export type Fact = Readonly<{ eventId: string; type: string; about: string; payload: unknown; happenedAt: Date }>

export async function insertFacts(tx: Transaction, facts: readonly Fact[], now: Date): Promise<void> {
  await query(
    tx,
    `insert into facts (event_id, type, about, payload, happened_at, recorded_at)
     select new.*, ?::timestamptz from unnest(?::uuid[], ?::text[], ?::text[], ?::jsonb[], ?::timestamptz[]) as new`,
    [
      now,
      facts.map((one) => one.eventId),
      facts.map((one) => one.type),
      facts.map((one) => one.about),
      facts.map((one) => JSON.stringify(one.payload)),
      facts.map((one) => one.happenedAt),
    ],
  )
}
