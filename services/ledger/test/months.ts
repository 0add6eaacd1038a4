import { type Database, query } from '@tributary/database'
import fc from 'fast-check'
import { v7 } from 'uuid'
import { type Ledger, openLedger, type Request, type RequestKind, request } from './rig.ts'

const HOUR_MS = 3_600_000

/** Some requests that are recorded together so long after the last ones, each `lateHours` after it happened; below 0: before. */
export type Step = Readonly<{ hours: number; asks: readonly Ask[] }>
type Ask = Readonly<{ kind: RequestKind; reward: number; amount: number; lateHours: number; currency: 'USD' | 'EUR' }>

/** Two users, four rewards of theirs and as many cashouts, over months. */
export const users = ['018f0000-0000-7000-8000-00000000000a', '018f0000-0000-7000-8000-00000000000b'] as const
const rewards = [0, 1, 2, 3].map((index) => ({ rewardId: v7(), cashoutId: v7(), userId: users[index % 2]! }))

/** So that there is something to release, hold and take back. */
const first: readonly Ask[] = rewards.flatMap((_, reward) => [
  { kind: 'earn', reward, amount: 100, lateHours: 0, currency: 'USD' },
  { kind: 'release', reward, amount: 60, lateHours: 0, currency: 'USD' },
])

/** What happens over months: mostly earnings, in any order, late and early. What the ledger cannot do it refuses. */
export const months: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    hours: fc.integer({ min: 0, max: 24 * 35 }),
    asks: fc.array(
      fc.record({
        kind: fc.oneof(
          { weight: 3, arbitrary: fc.constant('earn' as const) },
          {
            weight: 4,
            arbitrary: fc.constantFrom('release', 'reverse', 'hold', 'resume', 'reserve', 'settle', 'return', 'bounce'),
          },
        ),
        reward: fc.nat({ max: rewards.length - 1 }),
        amount: fc.integer({ min: 1, max: 90 }),
        lateHours: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 48 }), fc.integer({ min: -2_000, max: 2_000 })),
        currency: fc.constantFrom('USD' as const, 'USD' as const, 'EUR' as const),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  { minLength: 6, maxLength: 14 },
)

/** More than any run lasts. */
const MONTHS_BEHIND = 18

/** A ledger whose postings are stamped by a clock that a test sets; with a partition for each month behind. */
export async function openPastLedger(): Promise<Ledger & { setClock(at: Date): Promise<void> }> {
  const ledger = await openLedger()
  const { db } = ledger.database
  await query(
    db,
    `select ensure_partitions(name, 'month', 3, ${MONTHS_BEHIND}) from unnest(array['transfers', 'ledger_entries']) name`,
  )
  await query(db, 'select prepare_ledger_partitions(3)')
  await query(db, 'create table test_clock as select clock_timestamp() as at')
  await query(db, 'grant select on test_clock to public')
  const [made] = await query<{ sql: string }>(
    db,
    `select replace(pg_get_functiondef(oid), 'clock_timestamp()', '(select at from public.test_clock)') as sql
     from pg_proc where proname = 'post_batch'`,
  )
  if (!made!.sql.includes('test_clock')) throw new Error('post_batch takes its time from elsewhere now')
  // Bindings are marked with question marks, and the body of a function has some.
  await query(db, made!.sql.replaceAll('?', '\\?'))
  return { ...ledger, setClock: async (at) => void (await query(db, 'update test_clock set at = ?', [at])) }
}

/** Lets months pass, the last of them until yesterday. */
export async function letPass(
  ledger: Awaited<ReturnType<typeof openPastLedger>>,
  steps: readonly Step[],
): Promise<void> {
  const hours = steps.reduce((sum, step) => sum + step.hours, 0)
  let at = Date.now() - (hours + 24) * HOUR_MS
  const post = async (asks: readonly Ask[], rewardOf: (ask: Ask) => string) => {
    await ledger.setClock(new Date(at))
    for (const ask of asks) await ledger.post(toRequest(ask, rewardOf(ask), at))
  }
  await post(first, ({ reward }) => rewards[reward]!.rewardId)
  for (const { hours, asks } of steps) {
    at += hours * HOUR_MS
    // A reward is earned once, so what is earned later are others.
    await post(asks, ({ kind, reward }) => (kind === 'earn' ? v7() : rewards[reward]!.rewardId))
  }
}

let sequence = 0

function toRequest({ kind, reward, amount, lateHours, currency }: Ask, rewardId: string, at: number): Request {
  const { cashoutId, userId } = rewards[reward]!
  const time = new Date(at - lateHours * HOUR_MS).toISOString()
  // A cashout moves whole.
  if (['reserve', 'settle', 'return', 'bounce'].includes(kind)) {
    return request(kind, { userId, rewardId: cashoutId, amount: 25n, time })
  }
  return request(kind, {
    userId,
    rewardId,
    amount: BigInt(amount),
    currency: kind === 'earn' ? currency : 'USD',
    sequence: ++sequence,
    time,
  })
}

/** An entry with its account, as any fold needs it. `change`: on the account's normal side. Times in microseconds since 1970. */
export type Entry = Readonly<{
  accountId: bigint
  account: string
  userId: string | null
  currency: string
  version: bigint
  side: 'D' | 'C'
  amount: bigint
  change: bigint
  postedAt: bigint
  effectiveAt: bigint
}>

/** Every entry there is, in the order of posting. */
export function allEntries(db: Database): Promise<Entry[]> {
  const micros = (column: string) => `(extract(epoch from ${column}) * 1000000)::bigint`
  return query<Entry>(
    db,
    `select e.account_id as "accountId", a.kind as account, a.user_id as "userId", a.currency, e.version, e.side, e.amount,
       k.sign * case e.side when 'C' then e.amount else -e.amount end as change,
       ${micros('e.posted_at')} as "postedAt", ${micros('e.effective_at')} as "effectiveAt"
     from ledger_entries e join accounts a on a.id = e.account_id join account_kinds k on k.kind = a.kind
     order by e.posted_at, e.account_id, e.version`,
  )
}

/** RFC 3339 with microseconds. */
export function toInstant(micros: bigint): string {
  const whole = new Date(Number(micros / 1_000_000n) * 1_000).toISOString()
  return whole.replace('.000Z', `.${String(micros % 1_000_000n).padStart(6, '0')}Z`)
}

/** Instants worth asking about: at, just before and just after each entry, by both times, and between. All have passed. */
export function instantsOf(entries: readonly Entry[]): bigint[] {
  const now = BigInt(Date.now()) * 1_000n
  const times = entries.flatMap(({ postedAt, effectiveAt }) => [postedAt, effectiveAt])
  const near = times.flatMap((at) => [at - 1n, at, at + 1n, at + 86_400_000_000n])
  return [...new Set(near)].filter((at) => at < now).sort((one, other) => (one < other ? -1 : 1))
}
