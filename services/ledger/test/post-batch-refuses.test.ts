import { query, type Transaction } from '@tributary/database'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import type { Batch, Transfer } from '../src/store/post-batch.ts'
import { postBatch } from '../src/store/post-batch.ts'
import { checkBooks } from '../src/store/verify-books.ts'
import { batchOf, cause, type Target, target, transfer } from './attack.ts'

type Attack = (target: Target) => Batch

const release = ({ account, ann, rewards }: Target, changes: Partial<Transfer> = {}) =>
  transfer('release', account(ann, 'user:pending'), account(ann, 'user:available'), {
    rewardId: rewards.ann,
    ...changes,
  })
const settle = ({ account, ann, cashouts }: Target, changes: Partial<Transfer> = {}) =>
  transfer('settle', account(ann, 'user:in_payout'), account('simulator', 'provider:clearing'), {
    cashoutId: cashouts.ann,
    amount: 20n,
    ...changes,
  })
const earn = ({ account, ann }: Target, changes: Partial<Transfer> = {}) =>
  transfer('earn', account(ann, 'program:expense'), account(ann, 'user:pending'), { rewardId: v7(), ...changes })
const open = (
  { lastAccount, ann }: Target,
  changes: Partial<Batch['opened'][number]> & { ahead?: bigint } = {},
): Batch['opened'][number] => {
  const { ahead = 1n, ...rest } = changes
  return {
    id: lastAccount + ahead,
    kind: 'user:pending',
    userId: ann,
    provider: null,
    currency: 'JPY' as never,
    ...rest,
  }
}
const giveBack = ({ account, ann, cashouts }: Target, changes: Partial<Transfer> = {}) =>
  transfer('return', account(ann, 'user:in_payout'), account(ann, 'user:available'), {
    cashoutId: cashouts.ann,
    amount: 20n,
    ...changes,
  })
const bounce = ({ account, bob, cashouts }: Target, by = 'simulator') =>
  transfer('bounce', account(by, 'provider:clearing'), account(bob, 'user:available'), {
    cashoutId: cashouts.paid,
    amount: 20n,
  })
const reserve = ({ account, ann }: Target, changes: Partial<Transfer> = {}) =>
  transfer('reserve', account(ann, 'user:available'), account(ann, 'user:in_payout'), {
    cashoutId: v7(),
    amount: 40n,
    ...changes,
  })
const reverseEuro = ({ account, ann, rewards }: Target, rewardId = rewards.euro) =>
  transfer('reverse', account(ann, 'user:pending', 'EUR'), account(ann, 'program:expense', 'EUR'), {
    rewardId,
    currency: 'EUR',
  })
const provider = (on: Target, changes: Parameters<typeof open>[1] = {}) =>
  open(on, { ahead: 3n, kind: 'provider:clearing', userId: null, provider: 'third', ...changes })
const refusal = () => cause(v7(), 0)
const opening = (...opened: Batch['opened']) => batchOf([], { answered: [refusal()], opened })
const holding = (...holds: Batch['holds']) => batchOf([], { answered: [refusal()], holds })

/** Each would be wrong, and each gets past the one who decides: whoever holds the service's password could ask for it. */
const attacks: Readonly<Record<string, Attack>> = {
  'a transfer without any cause': (on) => batchOf([release(on)], { answered: [refusal()] }),
  'a transfer of a cause from another batch': (on) =>
    batchOf([release(on, { causeId: on.first.causeId })], { answered: [refusal()] }),
  'a transfer of a cause that was refused': (on) => {
    const one = release(on)
    return batchOf([one], { answered: [cause(one.causeId, 0)] })
  },
  'a cause that counts a transfer of another': (on) => batchOf([release(on)], { answered: [cause(v7(), 1)] }),
  'a cause that leaves out one of its transfers': (on) => {
    const one = release(on)
    return batchOf([one, { ...one, id: v7() }], { answered: [cause(one.causeId, 1)] })
  },
  'a cause that counts more transfers than there are': (on) => {
    const one = release(on)
    return batchOf([one], { answered: [cause(one.causeId, 2)] })
  },
  "two causes with each other's transfers": (on) => {
    const [one, two] = [release(on), release(on)]
    return batchOf([one, two], { answered: [cause(two.causeId, 1), cause(one.causeId, 1)] })
  },
  'a posted cause without transfers': () =>
    batchOf([], { answered: [cause(v7(), 0, { outcome: 'posted', reason: null })] }),
  'a refused cause with a transfer': (on) => {
    const one = release(on)
    return batchOf([one], { answered: [cause(one.causeId, 1, { outcome: 'refused', reason: 'no' })] })
  },
  'a negative count': (on) => {
    const one = release(on)
    return batchOf([one], { answered: [cause(one.causeId, 1), { ...refusal(), posted: -1 }] })
  },
  'a cause twice': (on) => {
    const one = release(on)
    return batchOf([one], { answered: [cause(one.causeId, 1), cause(one.causeId, 0)] })
  },
  'a cause that has its answer': (on) => batchOf([release(on, { causeId: on.first.causeId })]),
  'a refusal without a reason': () => batchOf([], { answered: [cause(v7(), 0, { reason: null })] }),
  'an outcome that there is not': () => batchOf([], { answered: [cause(v7(), 0, { outcome: 'maybe' as never })] }),
  'no outcome': () => batchOf([], { answered: [cause(v7(), 0, { outcome: null as never })] }),
  'a cause without an id': () => batchOf([], { answered: [cause(null as never, 0)] }),
  'a fingerprint of another length': () => batchOf([], { answered: [cause(v7(), 0, { fingerprint: 'ab' })] }),
  'a fingerprint of something else': () =>
    batchOf([], { answered: [cause(v7(), 0, { fingerprint: 'ab'.repeat(32) })] }),
  'a cause that does not say what was asked': () =>
    batchOf([], {
      answered: [
        cause(v7(), 0, {
          asked: { kind: null, subjectId: null, userId: null, amount: null, currency: null, detail: null } as never,
        }),
      ],
    }),
  'a conflict with a cause that there is not': () =>
    batchOf([], { answered: [cause(v7(), 0, { outcome: 'conflict', reason: 'conflict' })] }),
  'a conflict for another reason': (on) =>
    batchOf([], { answered: [cause(on.first.causeId, 0, { outcome: 'conflict', reason: 'other' })] }),
  'a conflict with a transfer': (on) => {
    const one = release(on, { causeId: on.first.causeId })
    return batchOf([one], { answered: [cause(one.causeId, 1, { outcome: 'conflict', reason: 'conflict' })] })
  },
  'nothing at all': () => batchOf([]),
  'a transfer twice': (on) => {
    const one = release(on)
    return batchOf([one, one])
  },
  'an amount of zero': (on) => batchOf([release(on, { amount: 0n })]),
  'a negative amount': (on) => batchOf([release(on, { amount: -5n })]),
  'no amount': (on) => batchOf([release(on, { amount: null as never })]),
  'more than every boundary can carry': (on) => batchOf([earn(on, { amount: 2n ** 53n })]),
  'an amount that no column holds': (on) => batchOf([earn(on, { amount: 2n ** 63n })]),
  'amounts whose sum no column holds': (on) =>
    batchOf([earn(on, { amount: 2n ** 62n }), earn(on, { amount: 2n ** 62n })]),
  'an account that there is not': (on) => batchOf([release(on, { debitAccount: 999_999n })]),
  'no account': (on) => batchOf([release(on, { creditAccount: null as never })]),
  'the same account twice': (on) => batchOf([release(on, { creditAccount: on.account(on.ann, 'user:pending') })]),
  'a movement that there is not': (on) => batchOf([release(on, { kind: 'gift' as never })]),
  'a movement the other way': (on) =>
    batchOf([
      transfer('release', on.account(on.ann, 'user:available'), on.account(on.ann, 'user:pending'), {
        rewardId: on.rewards.ann,
      }),
    ]),
  'another currency than its accounts': (on) => batchOf([release(on, { currency: 'EUR' })]),
  'accounts of two currencies': (on) =>
    batchOf([release(on, { creditAccount: on.account(on.ann, 'user:pending', 'EUR') })]),
  'money for another user': (on) => batchOf([release(on, { creditAccount: on.account(on.bob, 'user:available') })]),
  "another user's reward": (on) => batchOf([release(on, { rewardId: on.rewards.bob })]),
  "another user's reward, where the reward would cover it": (on) =>
    batchOf([
      transfer('reverse', on.account(on.ann, 'user:available'), on.account(on.ann, 'program:expense'), {
        rewardId: on.rewards.bob,
      }),
    ]),
  "another user's cashout": (on) => batchOf([settle(on, { cashoutId: on.cashouts.bob })]),
  "another user's money back": (on) => batchOf([giveBack(on, { cashoutId: on.cashouts.bob })]),
  'money that another provider paid': (on) => batchOf([bounce(on, 'other')]),
  'a reward in another currency': (on) => batchOf([reverseEuro(on, on.rewards.ann)]),
  'a movement of a reward without one': (on) => batchOf([release(on, { rewardId: null })]),
  'a movement of a reward that there is not': (on) => batchOf([release(on, { rewardId: v7() })]),
  'more than the reward has': (on) => batchOf([release(on, { amount: 41n })]),
  'a reward granted again': (on) => batchOf([earn(on, { rewardId: on.rewards.ann })]),
  'a movement of a cashout without one': (on) => batchOf([settle(on, { cashoutId: null })]),
  'a movement of a cashout that there is not': (on) => batchOf([settle(on, { cashoutId: v7() })]),
  'a part of a cashout': (on) => batchOf([settle(on, { amount: 19n })]),
  'more than a cashout': (on) => batchOf([settle(on, { amount: 21n })]),
  'a cashout that moves twice': (on) => batchOf([settle(on), settle(on)]),
  'a cashout reserved again': (on) => batchOf([reserve(on, { cashoutId: on.cashouts.ann })]),
  'a movement of a cashout that names a reward': (on) => batchOf([settle(on, { rewardId: on.rewards.ann })]),
  'a movement of a reward that names a cashout': (on) => batchOf([release(on, { cashoutId: on.cashouts.ann })]),
  'a guarded account below zero': (on) => batchOf([reserve(on, { amount: 41n })]),
  'a guarded account below zero until the next transfer': (on) => batchOf([reserve(on, { amount: 41n }), release(on)]),
  'an effect at no time': (on) => batchOf([release(on, { effectiveAt: null as never })]),
  'an effect at the end of time': (on) => batchOf([release(on, { effectiveAt: 'infinity' })]),
  'an account that leaves out a number': (on) => opening(open(on, { ahead: 2n })),
  'an account with a number that is taken': (on) => opening(open(on, { ahead: 0n })),
  'accounts with a gap between them': (on) =>
    opening(open(on), open(on, { ahead: 9n, kind: 'user:held' }), open(on, { ahead: 3n, kind: 'user:owed' })),
  'an account of no kind': (on) => opening(open(on, { kind: null as never })),
  'an account of a kind that there is not': (on) => opening(open(on, { kind: 'user:loan' as never })),
  'an account in no currency': (on) => opening(open(on, { currency: 'yen' as never })),
  'an account that is there': (on) => opening(open(on, { currency: 'USD' })),
  "a user's account of nobody": (on) => opening(open(on, { userId: null })),
  "a user's account of a provider": (on) => opening(open(on, { userId: null, provider: 'simulator' })),
  "a user's account of two": (on) => opening(open(on, { provider: 'simulator' })),
  "the program's account of a user": (on) => opening(open(on, { kind: 'program:cash' })),
  "a provider's account of a user": (on) => opening(open(on, { kind: 'provider:clearing' })),
  'a hold of a reward that there is not': () => holding({ rewardId: v7(), sequence: 1, isHeld: true }),
  'a hold that an earlier one undoes': (on) => holding({ rewardId: on.rewards.held, sequence: 2, isHeld: false }),
  'a hold that leaves money free': (on) => holding({ rewardId: on.rewards.ann, sequence: 1, isHeld: true }),
  'a hold that neither holds nor frees': (on) =>
    holding({ rewardId: on.rewards.held, sequence: 4, isHeld: null as never }),
}

/** The same without the fault: an attack must fail for its own reason. */
const rightful: Readonly<Record<string, Attack>> = {
  'a transfer': (on) => batchOf([release(on)]),
  'a cause with two transfers': (on) => {
    const one = release(on)
    return batchOf([one, { ...one, id: v7() }])
  },
  'an earning of as much as every boundary can carry': (on) => batchOf([earn(on, { amount: 2n ** 53n - 1n })]),
  'a cashout': (on) => batchOf([settle(on)]),
  'a return': (on) => batchOf([giveBack(on)]),
  'a bounce': (on) => batchOf([bounce(on)]),
  'a reservation of all there is': (on) => batchOf([reserve(on)]),
  'a reservation of more, after a release': (on) => batchOf([release(on), reserve(on, { amount: 41n })]),
  'a reversal of a reward in euro': (on) => batchOf([reverseEuro(on)]),
  'a refusal': () => batchOf([], { answered: [refusal()] }),
  'a conflict': (on) =>
    batchOf([], { answered: [cause(on.first.causeId, 0, { outcome: 'conflict', reason: 'conflict' })] }),
  'three accounts': (on) => opening(open(on), open(on, { ahead: 2n, kind: 'user:held' }), provider(on)),
  'a hold': (on) => holding({ rewardId: on.rewards.bob, sequence: 1, isHeld: true }),
  'a later one': (on) => holding({ rewardId: on.rewards.held, sequence: 4, isHeld: false }),
}

/** Whether post_batch takes it; undone in any case. */
async function isTaken({ db }: Target, batch: Batch): Promise<boolean> {
  const tx = await db.transaction()
  try {
    await postBatch(tx, batch)
    await tx.raw('set constraints all immediate')
    return true
  } catch {
    return false
  } finally {
    await tx.rollback()
  }
}

async function takenOf(on: Target, batches: typeof attacks): Promise<string[]> {
  const taken: string[] = []
  for (const [what, batch] of Object.entries(batches)) if (await isTaken(on, batch(on))) taken.push(what)
  return taken
}

test('nothing wrong gets past post_batch, and what is right does', async () => {
  const on = await target()
  expect(await takenOf(on, rightful)).toEqual(Object.keys(rightful))
  expect(await takenOf(on, attacks)).toEqual([])
})

/** What the service sends for a batch with everything in it, one array for each column. */
async function columnsOf({ db }: Target, batch: Batch): Promise<{ sql: string; columns: unknown[][] }> {
  let caught = { sql: '', columns: [] as unknown[] }
  const raw = (sql: string, columns: unknown[]) => {
    caught = { sql, columns }
    return { options: () => Promise.resolve({ rows: [{ posted_at: '' }] }) }
  }
  await postBatch({ raw } as unknown as Transaction, batch)
  // What is sent in binary, as values.
  const types = [...caught.sql.matchAll(/\?::(\w+\[\])/g)].map(([, type]) => type)
  const read = types.map((type, index) => `to_jsonb(?::${type}) as "${index}"`)
  const [columns] = await query(db, `select ${read.join(', ')}`, caught.columns)
  return { sql: caught.sql, columns: Object.values(columns!) as unknown[][] }
}

const spoil: Readonly<Record<string, (column: readonly unknown[]) => unknown>> = {
  'the last one missing': (column) => column.slice(0, -1),
  'one too many': (column) => [...column, column.at(-1)],
  'nothing for the first': (column) => [null, ...column.slice(1)],
  'no values': () => [],
  'no array': () => null,
}

test('arrays that do not belong together are refused, or verification names what came of it', async () => {
  const on = await target()
  const { sql, columns } = await columnsOf(on, batchWithEverything(on))
  const right = await writtenBy(on, sql, columns)
  expect(right).toMatch(/^passed/)
  const unnoticed: string[] = []
  for (const [index, column] of columns.entries()) {
    for (const [how, change] of Object.entries(spoil)) {
      const written = await writtenBy(on, sql, columns.with(index, change(column) as unknown[]))
      // A value too many that nothing reads does no harm: what is written is the same.
      if (written.startsWith('passed') && written !== right) unnoticed.push(`column ${index}, ${how}`)
    }
  }
  expect(unnoticed).toEqual([])
})

function batchWithEverything(on: Target): Batch {
  const conflict = cause(on.first.causeId, 0, { outcome: 'conflict', reason: 'conflict' })
  const held = (rewardId: string, sequence: number) =>
    cause(v7(), 0, {
      ...{ outcome: 'nothing_to_do', reason: 'nothing_to_hold' },
      asked: { kind: 'hold', subjectId: rewardId, userId: v7(), amount: 5n, currency: 'USD', detail: String(sequence) },
    })
  const transfers = [release(on), settle(on)]
  return {
    opened: [open(on), provider(on, { ahead: 2n })],
    transfers,
    answered: [...batchOf(transfers).answered, held(on.rewards.held, 4), held(on.rewards.bob, 1), conflict],
    holds: [
      { rewardId: on.rewards.held, sequence: 4, isHeld: true },
      { rewardId: on.rewards.bob, sequence: 1, isHeld: true },
    ],
  }
}

/** What a verification says of a batch, and all that it wrote; `refused` where nothing. It is undone in any case. */
async function writtenBy({ db }: Target, sql: string, columns: readonly unknown[]): Promise<string> {
  const tx = await db.transaction()
  try {
    await tx.raw(sql, columns as never)
    const { checks } = await checkBooks(tx)
    const broken = checks.flatMap(({ name, status }) => (status === 'passed' ? [] : [name]))
    const rows = await query(
      tx,
      `select (select jsonb_agg(to_jsonb(a) - 'opened_at' order by id) from accounts a) as accounts,
         (select jsonb_agg(to_jsonb(c) - 'posted_at' order by cause_id) from causes c) as causes,
         (select jsonb_agg(to_jsonb(t) - 'posted_at' order by number) from transfers t) as transfers,
         (select count(*) from cause_conflicts) as conflicts,
         (select jsonb_agg(p order by reward_id) from reward_positions p) as rewards,
         (select jsonb_agg(to_jsonb(p) - 'reserved_at' order by cashout_id) from cashout_positions p) as cashouts`,
    )
    return `${broken.join(', ') || 'passed'} ${JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}`
  } catch {
    return 'refused'
  } finally {
    await tx.rollback()
  }
}
