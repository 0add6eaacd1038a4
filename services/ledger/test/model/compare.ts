import { type Database, query } from '@tributary/database'
import { expect } from 'vitest'
import type { Request } from '../../src/domain/request.ts'
import type { Status } from '../../src/domain/status.ts'
import type { Model, Moved } from './model.ts'

/** How far a test has looked at what the ledger wrote. */
export type Seen = { transfer: bigint; told: bigint }

export const nothingSeen = (): Seen => ({ transfer: 0n, told: 0n })

/** The transfers that were written since, in the order of posting, as the model writes them. */
export async function newTransfers(db: Database, seen: Seen): Promise<Moved[]> {
  const rows = await query<Moved & { number: bigint }>(
    db,
    `select t.number, t.kind, d.kind as from, c.kind as to, t.amount, t.currency, t.cause_id as "causeId",
       t.reward_id as "rewardId", t.cashout_id as "cashoutId"
     from transfers t join accounts d on d.id = t.debit_account join accounts c on c.id = t.credit_account
     where t.number > ?::bigint order by t.number`,
    [seen.transfer],
  )
  seen.transfer = rows.at(-1)?.number ?? seen.transfer
  return rows.map(({ kind, from, to, amount, currency, causeId, rewardId, cashoutId }) => ({
    ...{ kind, from, to, amount, currency, causeId, rewardId, cashoutId },
  }))
}

/** Every balance there is, by owner, currency and kind, raised by credits. Zeros are left out. */
export async function expectSameBalances(db: Database, { books }: Model): Promise<void> {
  const rows = await query<{ place: string; raised: bigint }>(
    db,
    `select concat_ws(' ', coalesce(a.user_id::text, a.provider, ''), a.currency, a.kind) as place, b.credits - b.debits as raised
     from accounts a join balances b on b.account_id = a.id where b.credits <> b.debits`,
  )
  const expected = [...books.balances].filter(([, raised]) => raised !== 0n)
  expect(new Map(rows.map(({ place, raised }) => [place, raised]))).toEqual(new Map(expected))
}

/** Where the money of every reward and cashout is, and how each hold stands. */
export async function expectSamePositions(db: Database, { books }: Model): Promise<void> {
  const rewards = await query<{ id: string }>(
    db,
    `select reward_id as id, user_id as "userId", currency, granted, pending as waiting, held_pending as "heldWaiting",
       released as "handedOver", held_released as "heldHandedOver", reversed, hold_sequence as sequence, is_held as "isHeld"
     from reward_positions`,
  )
  expect(new Map(rewards.map(({ id, ...position }) => [id, position]))).toEqual(books.rewards)
  const cashouts = await query<{ id: string }>(
    db,
    `select cashout_id as id, user_id as "userId", currency, reserved as amount, provider as "paidBy",
       case reserved when in_payout then 'in_payout' when paid then 'paid' when returned then 'returned' when bounced then 'bounced' end as stands
     from cashout_positions`,
  )
  expect(new Map(cashouts.map(({ id, ...position }) => [id, position]))).toEqual(books.cashouts)
}

/** What the ledger said since, in its order: each transfer once, each refusal once. */
export async function newSayings(db: Database, seen: Seen): Promise<string[]> {
  const rows = await query<{ seq: bigint; type: string; payload: string; subject: string }>(
    db,
    'select seq, type, payload, subject from outbox where seq > ?::bigint order by seq',
    [seen.told],
  )
  seen.told = rows.at(-1)?.seq ?? seen.told
  return rows.map(({ type, payload }) => {
    const said = JSON.parse(payload) as { causeId: string; amount?: number; reason?: string }
    return `${type} ${said.causeId} ${said.amount ?? said.reason}`
  })
}

/** What must be said for one answered request. */
export function sayingsOf({ causeId }: Request, status: Status, moves: readonly Moved[]): string[] {
  const told = moves.map(({ kind, amount }) => `transfer.posted.${kind} ${causeId.toLowerCase()} ${amount}`)
  return isRefusal(status) ? [`transfer.refused ${causeId.toLowerCase()} ${status}`] : told
}

/** Nobody is told of what was answered before, comes again or came too late; of everything else that moved nothing they are. */
function isRefusal(status: Status): boolean {
  return status !== 'posted' && status !== 'already_answered' && !/_yet$|^nothing_|_superseded$/.test(status)
}
