import { query } from '@tributary/database'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { type BooksReport, checkBooks, verifyBooks } from '../src/store/verify-books.ts'
import { type Ledger, openLedger, request } from './rig.ts'

/** Four batches: two earnings, a refusal with a conflict, a release, a reversal. */
async function worked(): Promise<Ledger> {
  const ledger = await openLedger()
  const one = request('earn')
  await ledger.post(one, request('earn', { currency: 'EUR' }))
  await ledger.post(
    { ...one, kind: 'release', causeId: v7(), amount: 60n },
    { ...one, amount: 1n },
    request('earn', { rewardId: one.rewardId }),
  )
  await ledger.post({ ...one, kind: 'reverse', causeId: v7(), amount: 70n })
  return ledger
}

/** What a verification finds after a superuser who switches triggers off did this; nothing inside the database can prevent it. */
async function tampered({ database }: Ledger, sql: string): Promise<BooksReport> {
  const tx = await database.db.transaction()
  try {
    await tx.raw('set local session_replication_role = replica')
    await tx.raw(sql)
    return await checkBooks(tx)
  } finally {
    await tx.rollback()
  }
}

const failures = (report: BooksReport) =>
  report.checks.filter(({ status }) => status !== 'passed').map(({ name }) => name)

/** Each kind of change, and the checks that must notice it. Others may, too. */
const tamperings: readonly (readonly [what: string, sql: string, ...noticed: string[]])[] = [
  [
    'an amount raised',
    `update transfers set amount = amount + 1 where number = 1`,
    'transfers_have_their_two_entries',
    'batches_form_an_unbroken_chain',
  ],
  [
    'an amount raised with all that follows from it',
    `
    update transfers set amount = amount + 1 where number = 1;
    update ledger_entries e set amount = e.amount + 1 from transfers t where t.id = e.transfer_id and t.number = 1;
    update ledger_entries e set balance_after = balance_after + 1 where account_id in (1, 2);
    update balances set debits = debits + 1 where account_id = 1;
    update balances set credits = credits + 1 where account_id = 2;
    update reward_positions set granted = granted + 1, pending = pending + 1 where reward_id = (select reward_id from transfers where number = 1)`,
    'batches_form_an_unbroken_chain',
  ],
  [
    'a transfer removed',
    `delete from transfers where number = 2`,
    'transfers_have_their_two_entries',
    'transfers_are_numbered_without_gaps',
    'batches_form_an_unbroken_chain',
    'causes_match_their_transfers',
  ],
  [
    'a transfer added',
    `insert into transfers select posted_at, effective_at, 99, debit_account, credit_account, amount, gen_random_uuid(), cause_id, reward_id, kind, currency from transfers where number = 1`,
    'transfers_have_their_two_entries',
    'transfers_are_numbered_without_gaps',
    'causes_match_their_transfers',
    'batches_form_an_unbroken_chain',
  ],
  [
    'a transfer added after the end of the chain',
    `insert into transfers select now(), effective_at, 99, debit_account, credit_account, amount, gen_random_uuid(), cause_id, reward_id, kind, currency from transfers where number = 1`,
    'batches_form_an_unbroken_chain',
  ],
  [
    'two transfers exchanged',
    `update transfers set number = 3 - number where number in (1, 2)`,
    'batches_form_an_unbroken_chain',
  ],
  [
    'a transfer moved to another account',
    `update transfers set credit_account = 4 where number = 1`,
    'transfers_have_their_two_entries',
    'transfers_are_permitted_movements',
    'batches_form_an_unbroken_chain',
  ],
  [
    'a transfer given another kind',
    `update transfers set kind = 'gift' where number = 1`,
    'transfers_are_permitted_movements',
    'batches_form_an_unbroken_chain',
  ],
  [
    'a transfer moved in time',
    `update transfers set effective_at = effective_at - interval '1 day' where number = 1`,
    'transfers_have_their_two_entries',
    'batches_form_an_unbroken_chain',
  ],
  [
    'an entry removed',
    `delete from ledger_entries where account_id = 2 and version = 1`,
    'transfers_have_their_two_entries',
    'entries_follow_one_another',
    'balances_equal_their_entries',
    'debits_equal_credits_in_each_currency',
  ],
  [
    'an entry altered',
    `update ledger_entries set amount = amount + 1 where account_id = 2 and version = 1`,
    'transfers_have_their_two_entries',
    'entries_follow_one_another',
    'debits_equal_credits_in_each_currency',
  ],
  [
    'an entry turned over',
    `update ledger_entries set side = 'C' where account_id = 1 and version = 1`,
    'transfers_have_their_two_entries',
    'debits_equal_credits_in_each_currency',
  ],
  [
    'a running balance altered',
    `update ledger_entries set balance_after = balance_after + 1 where account_id = 2 and version = 1`,
    'entries_follow_one_another',
  ],
  [
    'an entry moved in time',
    `update ledger_entries set posted_at = posted_at + interval '1 second' where account_id = 2 and version = 1`,
    'entries_follow_one_another',
    'transfers_have_their_two_entries',
  ],
  [
    'a version skipped',
    `update ledger_entries set version = version + 10 where account_id = 2 and version = 3`,
    'entries_follow_one_another',
  ],
  [
    'a balance altered',
    `update balances set credits = credits + 1 where account_id = 2`,
    'balances_equal_their_entries',
  ],
  ['a balance removed', `delete from balances where account_id = 2`, 'balances_equal_their_entries'],
  ['an account unguarded', `update balances set guarded = false where account_id = 2`, 'balances_equal_their_entries'],
  [
    'an account given to another user',
    `update accounts set user_id = gen_random_uuid() where id = 2`,
    'transfers_are_permitted_movements',
    'batches_form_an_unbroken_chain',
  ],
  [
    'all accounts of a user given to another',
    `update accounts set user_id = '018f0000-0000-7000-8000-000000000001' where user_id = (select user_id from accounts where id = 1)`,
    'batches_form_an_unbroken_chain',
    'positions_equal_their_transfers',
  ],
  [
    'an account added',
    `insert into accounts values (99, 'user:held', gen_random_uuid(), null, 'USD', now())`,
    'balances_equal_their_entries',
    'batches_form_an_unbroken_chain',
  ],
  [
    'a position altered',
    `update reward_positions set pending = pending + 1, granted = granted + 1`,
    'positions_equal_their_transfers',
  ],
  ['a position removed', `delete from reward_positions where currency = 'EUR'`, 'positions_equal_their_transfers'],
  [
    'a cause forgotten',
    `delete from causes where outcome = 'posted' and transfer_ids[1] = (select id from transfers where number = 1)`,
    'causes_match_their_transfers',
    'batches_form_an_unbroken_chain',
  ],
  ['a refusal forgotten', `delete from causes where outcome = 'refused'`, 'batches_form_an_unbroken_chain'],
  ['a conflict forgotten', `delete from cause_conflicts`, 'batches_form_an_unbroken_chain'],
  [
    'a fingerprint altered',
    `update causes set fingerprint = sha256('') where outcome = 'posted'`,
    'batches_form_an_unbroken_chain',
  ],
  ['a batch removed', `delete from batches where number = 2`, 'batches_form_an_unbroken_chain'],
  ['a hash altered', `update batches set hash = sha256('') where number = 1`, 'batches_form_an_unbroken_chain'],
  [
    'the last batch cut off',
    `delete from batches where number = 4`,
    'the_head_is_the_end_of_the_chain',
    'batches_form_an_unbroken_chain',
  ],
  ['the head put back', `update ledger_head set batch = 2`, 'the_head_is_the_end_of_the_chain'],
  ['the head removed', `delete from ledger_head`, 'the_head_is_the_end_of_the_chain'],
]

test('what a superuser alters is found', async () => {
  const ledger = await worked()
  expect(failures(await verifyBooks(ledger.db))).toEqual([])
  for (const [what, sql, ...noticed] of tamperings) {
    const report = await tampered(ledger, sql)
    expect(failures(report), what).toEqual(expect.arrayContaining(noticed))
    expect(report.status, what).toBe('failed')
  }
})

test('a check that cannot be run makes the verification incomplete, never passed', async () => {
  const ledger = await worked()
  await query(ledger.database.db, 'alter function body_hash(bytea, bytea, bytea) rename to away')
  const report = await verifyBooks(ledger.db)
  expect(report.status).toBe('incomplete')
  expect(report.checks.filter(({ status }) => status === 'not_run').map(({ name }) => name)).toEqual([
    'batches_form_an_unbroken_chain',
  ])
})

test('an empty ledger verifies, and says that it looked at nothing', async () => {
  const report = await verifyBooks((await openLedger()).db)
  expect(report).toMatchObject({
    status: 'passed',
    coverage: { batches: 0, transfers: 0, entries: 0 },
    driftAccounts: 0,
  })
})
