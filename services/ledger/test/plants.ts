import { v7 } from 'uuid'
import { type Ledger, openLedger, request } from './rig.ts'

/** Books with every movement of rewards and cashouts, a refusal and a conflict. Transfers 1 and 2 are earnings on the accounts 1 to 4. */
export async function everythingPosted(): Promise<Ledger> {
  const ledger = await openLedger()
  const one = request('earn')
  await ledger.post(one, request('earn', { currency: 'EUR' }))
  await moveOn(ledger, one)
  return ledger
}

/** More batches, of the same kinds and of a reward of its own, or of the given one. */
export async function moveOn(ledger: Ledger, one = request('earn')): Promise<void> {
  const { rewardId, userId } = one
  const early = new Date(Date.now() + 86_400_000).toISOString()
  await ledger.post(one)
  await ledger.post({ ...one, amount: 1n }, request('earn', { rewardId }))
  await ledger.post({ ...one, kind: 'release', causeId: v7(), amount: 60n, time: early })
  const cashout = request('reserve', { userId, amount: 20n })
  await ledger.post(cashout, request('reserve', { userId, amount: 5n }))
  await ledger.post({ ...cashout, kind: 'settle', causeId: v7() })
  await ledger.post({ ...one, kind: 'hold', causeId: v7() })
  await ledger.post({ ...one, kind: 'reverse', causeId: v7(), amount: 70n })
}

/** What is done, and the checks that must notice it. Others may, too. */
export type Plant = readonly [what: string, sql: string, ...noticed: string[]]

const first = (table: string) => `(select min(number) from ${table})`
const last = (table: string) => `(select max(number) from ${table})`

/** What can be done to the rows that were posted last, or first; and each kind of imbalance. */
export const changedRows = (which: 'first' | 'last'): readonly Plant[] => {
  const number = which === 'first' ? first('transfers') : last('transfers')
  const batch = which === 'first' ? first('batches') : last('batches')
  const transfer = `where number = ${number}`
  const entry = `where transfer_id = (select id from transfers where number = ${number})`
  const cause = `where cause_id = (select cause_id from transfers where number = ${number})`
  return [
    [
      'an amount raised',
      `update transfers set amount = amount + 1 ${transfer}`,
      'transfers_have_their_two_entries',
      'batches_form_an_unbroken_chain',
    ],
    [
      'debits raised to more than any column can sum up',
      `update ledger_entries set amount = 9223372036854775807
       where side = 'D' and transfer_id in (select id from transfers where ${which === 'first' ? 'number <= 3' : `number > ${last('transfers')} - 3`})`,
      'transfers_have_their_two_entries',
      'debits_equal_credits_in_each_currency',
    ],
    [
      'a transfer removed',
      `delete from transfers ${transfer}`,
      'transfers_have_their_two_entries',
      'batches_form_an_unbroken_chain',
      'causes_match_their_transfers',
    ],
    [
      'a transfer added',
      `insert into transfers select posted_at, effective_at, number + 1000, debit_account, credit_account, amount, gen_random_uuid(), cause_id, reward_id, kind, currency, cashout_id from transfers ${transfer}`,
      'transfers_have_their_two_entries',
      'transfers_are_numbered_without_gaps',
      'causes_match_their_transfers',
      'batches_form_an_unbroken_chain',
    ],
    [
      'a transfer renumbered',
      `update transfers set number = number + 1000 ${transfer}`,
      'transfers_are_numbered_without_gaps',
      'batches_form_an_unbroken_chain',
    ],
    [
      'a transfer moved to another account',
      `update transfers set credit_account = 4 ${transfer}`,
      'transfers_have_their_two_entries',
      'transfers_are_permitted_movements',
      'batches_form_an_unbroken_chain',
    ],
    [
      'a transfer given another kind',
      `update transfers set kind = 'gift' ${transfer}`,
      'transfers_are_permitted_movements',
      'batches_form_an_unbroken_chain',
    ],
    [
      'a transfer moved in time',
      `update transfers set effective_at = effective_at - interval '1 day' ${transfer}`,
      'transfers_have_their_two_entries',
      'batches_form_an_unbroken_chain',
    ],
    [
      'a transfer in another currency',
      `update transfers set currency = 'GBP' ${transfer}`,
      'transfers_are_permitted_movements',
      'batches_form_an_unbroken_chain',
    ],
    [
      'a transfer of another reward',
      `update transfers set reward_id = gen_random_uuid() ${transfer}`,
      'positions_equal_their_transfers',
      'batches_form_an_unbroken_chain',
    ],
    [
      'a transfer of another cashout',
      `update transfers set cashout_id = gen_random_uuid() ${transfer}`,
      'batches_form_an_unbroken_chain',
    ],
    [
      'a transfer of another cause',
      `update transfers set cause_id = gen_random_uuid() ${transfer}`,
      'causes_match_their_transfers',
      'batches_form_an_unbroken_chain',
    ],
    [
      'an entry removed',
      `delete from ledger_entries ${entry} and side = 'C'`,
      'transfers_have_their_two_entries',
      'debits_equal_credits_in_each_currency',
    ],
    [
      'an entry twice',
      `insert into ledger_entries select account_id, version + 1, posted_at, effective_at, amount, balance_after, transfer_id, side from ledger_entries ${entry} and side = 'C'`,
      'transfers_have_their_two_entries',
      'debits_equal_credits_in_each_currency',
      'entries_follow_one_another',
    ],
    [
      'an entry altered',
      `update ledger_entries set amount = amount + 1 ${entry} and side = 'C'`,
      'transfers_have_their_two_entries',
      'entries_follow_one_another',
      'debits_equal_credits_in_each_currency',
    ],
    [
      'an entry turned over',
      `update ledger_entries set side = 'C' ${entry} and side = 'D'`,
      'transfers_have_their_two_entries',
      'debits_equal_credits_in_each_currency',
    ],
    [
      'an account in another currency',
      `update accounts set currency = 'GBP' where id = (select account_id from ledger_entries ${entry} and side = 'C')`,
      'transfers_are_permitted_movements',
    ],
    [
      'a running balance altered',
      `update ledger_entries set balance_after = balance_after + 1 ${entry} and side = 'C'`,
      'entries_follow_one_another',
    ],
    [
      'an entry moved in time',
      `update ledger_entries set effective_at = effective_at + interval '1 second' ${entry} and side = 'C'`,
      'transfers_have_their_two_entries',
    ],
    [
      'an entry recorded at another time',
      `update ledger_entries set posted_at = posted_at + interval '1 second' ${entry} and side = 'C'`,
      'transfers_have_their_two_entries',
    ],
    [
      'a version skipped',
      `update ledger_entries set version = version + 10 ${entry} and side = 'C'`,
      'entries_follow_one_another',
    ],
    [
      'a cause forgotten',
      `delete from causes ${cause}`,
      'causes_match_their_transfers',
      'batches_form_an_unbroken_chain',
    ],
    [
      'a fingerprint altered',
      `update causes set fingerprint = sha256('') ${cause}`,
      'batches_form_an_unbroken_chain',
      'causes_say_what_was_asked',
    ],
    [
      'an answer altered',
      `update causes set outcome = 'refused', reason = 'conflict', transfer_ids = '{}' ${cause}`,
      'batches_form_an_unbroken_chain',
    ],
    ['more asked for', `update causes set amount = amount + 1 ${cause}`, 'causes_say_what_was_asked'],
    ['asked for by another', `update causes set user_id = gen_random_uuid() ${cause}`, 'causes_say_what_was_asked'],
    ['asked for otherwise', `update causes set detail = 'otherwise' ${cause}`, 'causes_say_what_was_asked'],
    ['a batch removed', `delete from batches where number = ${batch}`, 'batches_form_an_unbroken_chain'],
    [
      'a hash altered',
      `update batches set hash = sha256('') where number = ${batch}`,
      'batches_form_an_unbroken_chain',
    ],
    [
      'a batch moved in time',
      `update batches set posted_at = posted_at + interval '1 microsecond' where number = ${batch}`,
      'batches_form_an_unbroken_chain',
    ],
  ]
}

/** What can be done at the end of the history, and to what all of it is judged by. */
export const changedEnd: readonly Plant[] = [
  [
    'a transfer added after the end of the chain',
    `insert into transfers select now(), effective_at, 999, debit_account, credit_account, amount, gen_random_uuid(), cause_id, reward_id, kind, currency, cashout_id from transfers where number = 1`,
    'batches_form_an_unbroken_chain',
  ],
  [
    'a cause added after the end of the chain',
    `insert into causes (cause_id, posted_at, fingerprint, outcome, reason, transfer_ids) values (gen_random_uuid(), now(), sha256(''), 'refused', 'conflict', '{}')`,
    'batches_form_an_unbroken_chain',
    'causes_say_what_was_asked',
  ],
  [
    'an account added',
    `insert into accounts values (99, 'user:held', gen_random_uuid(), null, 'USD', now())`,
    'balances_equal_their_entries',
    'batches_form_an_unbroken_chain',
  ],
  [
    'the last batch cut off',
    `delete from batches where number = ${last('batches')}`,
    'the_head_is_the_end_of_the_chain',
    'batches_form_an_unbroken_chain',
  ],
  ['the head put back', `update ledger_head set batch = 2`, 'the_head_is_the_end_of_the_chain'],
  ['the head removed', `delete from ledger_head`, 'the_head_is_the_end_of_the_chain'],
  [
    'all that was asked forgotten',
    `update causes set kind = null, subject_id = null, user_id = null, amount = null, currency = null, detail = null where posted_at = (select max(posted_at) from causes)`,
    'causes_say_what_was_asked',
  ],
  [
    'a movement permitted',
    `insert into permitted_movements (kind, debit_kind, credit_kind, same_owner) values ('gift', 'program:expense', 'user:available', true)`,
    'accounts_and_movements_are_those_of_the_chart',
  ],
  [
    'a movement between owners',
    `update permitted_movements set same_owner = false where kind = 'net'`,
    'accounts_and_movements_are_those_of_the_chart',
  ],
]

/** What can be done to all that is kept beside the history. */
export const changedBesides: readonly Plant[] = [
  [
    'a kind unguarded',
    `update account_kinds set guarded = false where kind = 'user:available'`,
    'accounts_and_movements_are_those_of_the_chart',
  ],
  ['a refusal forgotten', `delete from causes where outcome = 'refused'`, 'batches_form_an_unbroken_chain'],
  ['a conflict forgotten', `delete from cause_conflicts`, 'batches_form_an_unbroken_chain'],
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
    'a balance altered',
    `update balances set credits = credits + 1 where account_id = 2`,
    'balances_equal_their_entries',
  ],
  ['a balance removed', `delete from balances where account_id = 2`, 'balances_equal_their_entries'],
  ['an account unguarded', `update balances set guarded = false where account_id = 2`, 'balances_equal_their_entries'],
  [
    'a balance of another user',
    `update balances set user_id = gen_random_uuid() where account_id = 2`,
    'balances_equal_their_entries',
  ],
  [
    'a balance of a provider',
    `update balances set provider = 'other' where account_id = 2`,
    'balances_equal_their_entries',
  ],
  [
    'a balance of another kind',
    `update balances set kind = 'user:available' where account_id = 2`,
    'balances_equal_their_entries',
  ],
  [
    'a balance in another currency',
    `update balances set currency = 'EUR' where account_id = 2`,
    'balances_equal_their_entries',
  ],
  [
    'a version altered',
    `update balances set version = version + 1 where account_id = 2`,
    'balances_equal_their_entries',
  ],
  [
    'a lateness forgotten',
    `update balances set max_earliness = interval '0' where max_earliness > interval '0'`,
    'balances_equal_their_entries',
  ],
  [
    'a position altered',
    `update reward_positions set pending = pending + 1, granted = granted + 1`,
    'positions_equal_their_transfers',
  ],
  [
    'a position moved',
    `update reward_positions set held_released = 0, released = released + held_released where held_released > 0`,
    'positions_equal_their_transfers',
  ],
  [
    'a position of another user',
    `update reward_positions set user_id = gen_random_uuid()`,
    'positions_equal_their_transfers',
  ],
  ['a position in another currency', `update reward_positions set currency = 'GBP'`, 'positions_equal_their_transfers'],
  ['a position removed', `delete from reward_positions where currency = 'EUR'`, 'positions_equal_their_transfers'],
  ['a hold lifted', `update reward_positions set is_held = false`, 'positions_equal_their_transfers'],
  [
    'a hold counted on',
    `update reward_positions set hold_sequence = hold_sequence + 1`,
    'positions_equal_their_transfers',
  ],
  [
    'a cashout paid',
    `update cashout_positions set paid = in_payout, in_payout = 0, provider = 'simulator' where in_payout > 0`,
    'cashouts_equal_their_transfers',
  ],
  [
    'a cashout of another user',
    `update cashout_positions set user_id = gen_random_uuid()`,
    'cashouts_equal_their_transfers',
  ],
  [
    'a cashout by another provider',
    `update cashout_positions set provider = 'other' where provider is not null`,
    'cashouts_equal_their_transfers',
  ],
  [
    'a cashout reserved later',
    `update cashout_positions set reserved_at = reserved_at + interval '1 day'`,
    'cashouts_equal_their_transfers',
  ],
  ['a cashout removed', `delete from cashout_positions`, 'cashouts_equal_their_transfers'],
]

/** What only shows when everything is looked at: nothing new has touched it. */
export const changedElsewhere: readonly Plant[] = [
  [
    'an old entry removed',
    `delete from ledger_entries where account_id = 2 and version = 1`,
    'balances_equal_their_entries',
    'entries_follow_one_another',
  ],
  [
    'both sides of a balance altered',
    `update balances set credits = credits + 1, debits = debits + 1 where account_id = 2`,
    'balances_equal_their_entries',
  ],
  [
    'a lateness altered',
    `update balances set max_lateness = max_lateness + interval '1 day' where account_id = 2`,
    'balances_equal_their_entries',
  ],
  [
    'a balance of nobody',
    `insert into balances (account_id, sign, guarded, kind, currency) values (999, 1, true, 'user:pending', 'USD')`,
    'balances_equal_their_entries',
  ],
  [
    'a position of nobody',
    `insert into reward_positions (reward_id, user_id, currency, granted, pending) values (gen_random_uuid(), gen_random_uuid(), 'USD', 1, 1)`,
    'positions_equal_their_transfers',
    'accounts_hold_what_their_positions_say',
  ],
  [
    'a cashout of nobody',
    `insert into cashout_positions (cashout_id, user_id, currency, reserved, in_payout, reserved_at) values (gen_random_uuid(), gen_random_uuid(), 'USD', 1, 1, now())`,
    'cashouts_equal_their_transfers',
    'accounts_hold_what_their_positions_say',
  ],
  [
    'one currency set off against another',
    `update ledger_entries set amount = amount + 1 where account_id = 2 and version = 1; update ledger_entries set amount = amount + 1 where account_id = 3 and version = 1`,
    'debits_equal_credits_in_each_currency',
    'transfers_have_their_two_entries',
  ],
]
