import { createHash } from 'node:crypto'
import { query } from '@tributary/database'
import type { Currency } from '@tributary/money'
import { v7 } from 'uuid'
import type { Account } from '../src/domain/books.ts'
import type { AccountKind, TransferKind } from '../src/domain/chart.ts'
import { contentLine } from '../src/domain/request.ts'
import type { AnsweredCause, Batch, Transfer } from '../src/store/post-batch.ts'
import { type Ledger, openLedger, request } from './rig.ts'

/** Money of two users in several places, and a way to write batches that the service would never write. */
export type Target = Ledger &
  Readonly<{
    ann: string
    bob: string
    /** Ann's: 40 pending, 60 handed over. Bob's: all 100 handed over. */
    rewards: Readonly<{ ann: string; bob: string; held: string; euro: string }>
    /** 20 each, in payout. Paid: by the simulator. */
    cashouts: Readonly<{ ann: string; bob: string; paid: string }>
    /** A cause of the first batch, and its transfer. */
    first: Readonly<{ causeId: string; transferId: string }>
    lastAccount: bigint
    account(owner: string | null, kind: AccountKind, currency?: Currency): bigint
  }>

export async function target(): Promise<Target> {
  const ledger = await openLedger()
  const [ann, bob] = [v7(), v7()]
  const earned = { ann: request('earn', { userId: ann }), bob: request('earn', { userId: bob }) }
  const held = request('earn', { userId: ann, amount: 30n })
  const euro = request('earn', { userId: ann, currency: 'EUR' })
  await ledger.post(earned.ann, earned.bob, held, euro)
  await ledger.post(
    { ...earned.ann, kind: 'release', causeId: v7(), amount: 60n },
    { ...earned.bob, kind: 'release', causeId: v7() },
    { ...held, kind: 'hold', causeId: v7(), sequence: 3 },
  )
  const reserve = (userId: string) => request('reserve', { userId, amount: 20n })
  const reserved = { ann: reserve(ann), bob: reserve(bob), paid: reserve(bob) }
  const other = reserve(bob)
  await ledger.post(reserved.ann, reserved.bob, reserved.paid, other)
  await ledger.post(
    { ...reserved.paid, kind: 'settle', causeId: v7() },
    { ...other, kind: 'settle', causeId: v7(), provider: 'other' },
  )
  const { db } = ledger.database
  const accounts = await query<Account>(db, 'select id, kind, user_id as "userId", provider, currency from accounts')
  const [first] = await query<{ causeId: string; transferId: string }>(
    db,
    'select cause_id as "causeId", id as "transferId" from transfers where number = 1',
  )
  const id = ({ rewardId }: { rewardId: string }) => rewardId
  return {
    ...ledger,
    ...{ ann, bob, first: first! },
    rewards: { ann: id(earned.ann), bob: id(earned.bob), held: id(held), euro: id(euro) },
    cashouts: { ann: id(reserved.ann), bob: id(reserved.bob), paid: id(reserved.paid) },
    lastAccount: BigInt(accounts.length),
    account(owner, kind, currency = 'USD') {
      const found = accounts.find(
        (one) => (one.userId ?? one.provider) === owner && one.kind === kind && one.currency === currency,
      )
      return found?.id ?? 999_999n
    },
  }
}

/** A transfer of a made-up cause; only the amount and the sides are of interest. */
export function transfer(
  kind: TransferKind,
  debitAccount: bigint,
  creditAccount: bigint,
  changes: Partial<Transfer> = {},
): Transfer {
  return {
    ...{ kind, debitAccount, creditAccount, debit: 'user:pending', credit: 'user:available', amount: 5n },
    ...{ id: v7(), causeId: v7(), rewardId: null, cashoutId: null, currency: 'USD' },
    effectiveAt: '2026-01-01T00:00:00Z',
    ...changes,
  }
}

/** A cause that was answered, led to so many transfers, and asked for something. */
export function cause(causeId: string, posted: number, changes: Partial<AnsweredCause> = {}): AnsweredCause {
  const asked = { kind: 'release', subjectId: v7(), userId: v7(), amount: 5n, currency: 'USD', detail: null } as const
  const outcome = posted > 0 ? 'posted' : 'refused'
  const reason = posted > 0 ? null : 'insufficient_available'
  const made = { causeId, outcome, reason, asked, posted, ...changes } as const
  const fingerprint = createHash('sha256').update(contentLine(made.asked)).digest('hex')
  return { fingerprint, ...made }
}

/** These transfers as one batch, each with its cause. */
export function batchOf(transfers: readonly Transfer[], changes: Partial<Batch> = {}): Batch {
  const causes = Map.groupBy(transfers, ({ causeId }) => causeId)
  const answered = [...causes].map(([causeId, list]) => cause(causeId, list.length))
  return { opened: [], answered, transfers, holds: [], ...changes }
}
