import { type Database, inTransaction, query, type Transaction } from '@tributary/database'
import { newPublisher, type Publish } from '@tributary/messaging'
import type { Currency } from '@tributary/money'
import type { JobContext } from '@tributary/service-kit'
import { v7 } from 'uuid'
import type { SettlementLine } from '../src/domain/settlement.ts'
import { matchSettlements } from '../src/jobs/match-settlements.ts'
import { onCashoutPaid } from '../src/messages/cashout.paid.ts'
import { newLedgerMetrics } from '../src/metrics.ts'
import { type LineAnswer, receiveLines } from '../src/steps/receive-lines.ts'
import { postTo, request, toEnvelope } from './rig.ts'

export type Line = Partial<SettlementLine> & Pick<SettlementLine, 'lineId'>

/** A cashout of a user who has just the money for it. */
export type Cashout = Readonly<{
  cashoutId: string
  userId: string
  provider: string
  amount: bigint
  currency: Currency
  /** The provider's own name for the payment. */
  reference?: string
}>

const metrics = newLedgerMetrics()
export const newId = () => v7()
export const newCashout = (changes: Partial<Cashout> = {}): Cashout => ({
  cashoutId: v7(),
  userId: v7(),
  provider: 'stripe',
  amount: 100n,
  currency: 'USD',
  ...changes,
})

/** Hands a file in, as its route does; with a `cut`, only up to the commit. */
export function receive(
  db: Database,
  provider: string,
  lines: readonly Line[],
  cut: Error | null = null,
): Promise<readonly LineAnswer[]> {
  return asTheKit(db, async (tx, publish) => {
    const context = { now: new Date(), newId, metrics }
    const file = { provider, lines: lines.map((line) => complete(provider, line)), receivedBy: 'test' }
    const answers = await receiveLines(tx, publish, context, file)
    if (cut !== null) throw cut
    return answers
  })
}

const complete = (provider: string, line: Line): SettlementLine => ({
  type: 'payout',
  reference: 'nothing',
  amount: 100n,
  currency: 'USD',
  fee: 0n,
  settledAt: '2026-01-01T00:00:00Z',
  ...line,
  provider,
})

/** What a step of a cashout is told by. `requested` comes with an earning that covers it. */
export async function tell(
  db: Database,
  cashout: Cashout,
  step: 'requested' | 'paid' | 'failed' | 'returned',
): Promise<void> {
  const { cashoutId, userId, provider, amount, currency, reference } = cashout
  const of = { rewardId: cashoutId, userId, amount, currency, provider }
  if (step === 'requested') {
    const reward = { userId, amount, currency, rewardId: v7() }
    await postTo(db, request('earn', reward), request('release', reward), request('reserve', of))
  } else if (step === 'paid') {
    const event = toEnvelope(request('settle', of))
    const data = { ...event.data, ...(reference === undefined ? {} : { providerReference: reference }) }
    await asTheKit(db, (tx, publish) =>
      onCashoutPaid(metrics).handle(tx, [{ ...event, data }], publish, { now: new Date(), newId }),
    )
  } else {
    await postTo(db, request(step === 'failed' ? 'return' : 'bounce', of))
  }
}

/** A cashout that was paid. */
export async function payCashout(db: Database, changes: Partial<Cashout> = {}): Promise<Cashout> {
  const cashout = newCashout(changes)
  await tell(db, cashout, 'requested')
  await tell(db, cashout, 'paid')
  return cashout
}

/** Runs the job until it finds nothing more. */
export async function matchWaiting(db: Database): Promise<void> {
  const job = matchSettlements(metrics)
  const context = { db, transaction: (run) => asTheKit(db, run), now: () => new Date(), newId } as Partial<JobContext>
  let more = true
  while (more) more = await job.run(context as JobContext)
}

/** One transaction with an outbox, as the kit opens it. */
export function asTheKit<T>(db: Database, run: (tx: Transaction, publish: Publish) => Promise<T>): Promise<T> {
  return inTransaction(db, async (tx) => {
    const publisher = newPublisher('ledger', { now: new Date(), newId })
    const result = await run(tx, publisher.publish)
    await publisher.flush(tx)
    return result
  })
}

/** What is on an account of the program or of a provider. */
export async function balanceOf(
  db: Database,
  kind: string,
  provider: string | null = null,
  currency = 'USD',
): Promise<bigint> {
  const [row] = await query<{ balance: bigint }>(
    db,
    `select coalesce(sum(b.balance), 0)::bigint as balance from accounts a join balances b on b.account_id = a.id
     where a.kind = ? and a.provider is not distinct from ? and a.currency = ?`,
    [kind, provider, currency],
  )
  return row!.balance
}

/** The queue, one line each: `L1 amount_differs`. */
export async function unmatched(db: Database): Promise<string[]> {
  const rows = await query<{ text: string }>(
    db,
    `select l.line_id || ' ' || u.reason as text from unmatched_settlements u join settlement_lines l on l.id = u.line_id order by 1`,
  )
  return rows.map(({ text }) => text)
}

/** What providers still have to settle: `payout stripe 100 USD`. */
export async function outstanding(db: Database): Promise<string[]> {
  const rows = await query<{ text: string }>(
    db,
    `select concat_ws(' ', o.type, o.provider, p.reserved, p.currency) as text
     from outstanding_settlements o join cashout_positions p using (cashout_id) order by 1`,
  )
  return rows.map(({ text }) => text)
}
