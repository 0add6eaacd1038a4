import type { Database, Transaction } from '@tributary/database'
import type { Sealed } from './sealed.ts'

/** What a superuser who switches triggers off can do; nothing inside the database can prevent it. Undone afterwards. */
export async function tampered<T>(
  { database }: Pick<Sealed, 'database'>,
  sql: string,
  look: (tx: Transaction & Database) => Promise<T>,
): Promise<T> {
  const tx = await database.db.transaction()
  try {
    await tx.raw('set local session_replication_role = replica')
    await tx.raw(sql)
    // A transaction of a transaction is a savepoint, so all that takes a database works in it.
    return await look(tx as Transaction & Database)
  } finally {
    await tx.rollback()
  }
}

/** An amount, with everything in the books that follows from it: only the hashes tell. */
export const raisedAmount = `
  update transfers set amount = amount + 1 where number = 1;
  update ledger_entries e set amount = e.amount + 1 from transfers t where t.id = e.transfer_id and t.number = 1;
  update ledger_entries e set balance_after = balance_after + 1 where account_id in (1, 2);
  update balances set debits = debits + 1 where account_id = 1;
  update balances set credits = credits + 1 where account_id = 2;
  update causes c set amount = c.amount + 1, fingerprint = sha256(convert_to(concat_ws('/', c.kind, c.subject_id, c.user_id,
    c.amount + 1, c.currency, c.detail), 'UTF8')) from transfers t where t.number = 1 and c.cause_id = t.cause_id;
  update reward_positions set granted = granted + 1, pending = pending + 1
    where reward_id = (select reward_id from transfers where number = 1);`

/** Hashes every batch anew from what the tables hold, as somebody would who knows how it is done. */
export const rewrittenChain = `
  do $do$
  declare
    b record;
    previous bytea := decode(repeat('00', 32), 'hex');
  begin
    for b in select * from batches order by number loop
      update batches set body = body_hash(
        coalesce((select string_agg(account_bytes(id, kind, user_id, provider, currency), '' order by id)
          from accounts where opened_at = b.posted_at), ''),
        coalesce((select string_agg(cause_bytes(cause_id, fingerprint, outcome, reason), '' order by cause_id, fingerprint) from (
          select cause_id, fingerprint, outcome, reason from causes where posted_at = b.posted_at
          union all select cause_id, fingerprint, 'conflict', 'conflict' from cause_conflicts where posted_at = b.posted_at) a), ''),
        coalesce((select string_agg(transfer_bytes(number, id, cause_id, kind, debit_account, credit_account, amount, currency,
          reward_id, effective_at, cashout_id), '' order by number) from transfers where posted_at = b.posted_at), ''))
        where number = b.number;
      update batches set hash = chain_hash(previous, number, posted_at, body) where number = b.number returning hash into previous;
    end loop;
    update ledger_head set hash = previous;
  end $do$;`

/** The last batch with all its rows, and the head put back to the one before: the tables alone do not show it. */
export const cutTail = `
  with gone as (delete from batches where number = (select max(number) from batches) returning posted_at),
    t as (delete from transfers where posted_at in (select posted_at from gone)),
    e as (delete from ledger_entries where posted_at in (select posted_at from gone)),
    c as (delete from causes where posted_at in (select posted_at from gone)),
    f as (delete from cause_conflicts where posted_at in (select posted_at from gone))
  delete from accounts where opened_at in (select posted_at from gone);
  update ledger_head h set batch = b.number, posted_at = b.posted_at, last_transfer = b.last_transfer, last_account = b.last_account,
    hash = b.hash from (select * from batches order by number desc limit 1) b;`

/** Each kind of change to a row, and the offline checks that must name it. Others may, too. */
export const tamperings: readonly (readonly [what: string, sql: string, ...found: string[]])[] = [
  [
    'an amount raised',
    'update transfers set amount = amount + 1 where number = 1',
    'transfers_have_their_two_entries',
    'batches_form_an_unbroken_chain',
  ],
  ['an amount raised with all that follows from it', raisedAmount, 'batches_form_an_unbroken_chain'],
  ['the chain rewritten over it', raisedAmount + rewrittenChain, 'checkpoints_match_the_chain'],
  [
    'a transfer removed',
    'delete from transfers where number = 2',
    'transfers_are_numbered_without_gaps',
    'batches_form_an_unbroken_chain',
    'causes_match_their_transfers',
  ],
  [
    'a transfer removed with its entries',
    'delete from ledger_entries e using transfers t where t.id = e.transfer_id and t.number = 2; delete from transfers where number = 2',
    'batches_form_an_unbroken_chain',
    'transfers_are_numbered_without_gaps',
  ],
  [
    'a transfer added to its batch',
    `insert into transfers select posted_at, effective_at, 99, debit_account, credit_account, amount, gen_random_uuid(), cause_id, reward_id, kind, currency from transfers where number = 1`,
    'transfers_have_their_two_entries',
    'batches_form_an_unbroken_chain',
    'causes_match_their_transfers',
  ],
  [
    'a transfer added after the end',
    `insert into transfers select now(), effective_at, 99, debit_account, credit_account, amount, gen_random_uuid(), cause_id, reward_id, kind, currency from transfers where number = 1`,
    'every_row_belongs_to_a_batch',
  ],
  [
    'a transfer added before the first batch',
    `insert into transfers select date_trunc('month', now()), effective_at, 99, debit_account, credit_account, amount, gen_random_uuid(), cause_id, reward_id, kind, currency from transfers where number = 1`,
    'every_row_belongs_to_a_batch',
  ],
  [
    'two transfers exchanged',
    'update transfers set number = 3 - number where number in (1, 2)',
    'batches_form_an_unbroken_chain',
  ],
  [
    'a transfer given another kind',
    `update transfers set kind = 'gift' where number = 1`,
    'transfers_are_permitted_movements',
  ],
  [
    'a transfer moved to another account',
    'update transfers set credit_account = 4 where number = 1',
    'transfers_are_permitted_movements',
    'transfers_have_their_two_entries',
  ],
  [
    'a transfer moved in time',
    `update transfers set effective_at = effective_at - interval '1 day' where number = 1`,
    'batches_form_an_unbroken_chain',
  ],
  [
    'a transfer moved to another cashout',
    'update transfers set cashout_id = gen_random_uuid() where number = 1',
    'batches_form_an_unbroken_chain',
  ],
  [
    'a transfer moved to another batch',
    'update transfers set posted_at = (select posted_at from batches where number = 3) where number = 1',
    'batches_form_an_unbroken_chain',
  ],
  [
    'an entry removed',
    'delete from ledger_entries where account_id = 2 and version = 1',
    'transfers_have_their_two_entries',
    'entries_follow_one_another',
    'debits_equal_credits_in_each_currency',
  ],
  [
    'an entry added',
    `insert into ledger_entries select account_id, 99, posted_at, effective_at, amount, balance_after, gen_random_uuid(), side from ledger_entries where account_id = 2 and version = 1`,
    'transfers_have_their_two_entries',
    'entries_follow_one_another',
  ],
  [
    'an entry altered',
    'update ledger_entries set amount = amount + 1 where account_id = 2 and version = 1',
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
    'an entry given to an account that is not there',
    'update ledger_entries set account_id = 99 where account_id = 2 and version = 1',
    'entries_follow_one_another',
  ],
  [
    'a running balance altered',
    'update ledger_entries set balance_after = balance_after + 1 where account_id = 2 and version = 1',
    'entries_follow_one_another',
  ],
  [
    'a running balance below zero',
    'update ledger_entries set balance_after = -1 where account_id = 2 and version = 1',
    'guarded_accounts_never_go_below_zero',
  ],
  [
    'an entry moved in time',
    `update ledger_entries set posted_at = posted_at + interval '1 microsecond' where account_id = 2 and version = 1`,
    'every_row_belongs_to_a_batch',
  ],
  [
    'an entry that happened at another time',
    `update ledger_entries set effective_at = effective_at + interval '1 second' where account_id = 2 and version = 1`,
    'transfers_have_their_two_entries',
  ],
  [
    'a version skipped',
    'update ledger_entries set version = version + 10 where account_id = 2 and version = 1',
    'entries_follow_one_another',
  ],
  [
    'an account given to another user',
    'update accounts set user_id = gen_random_uuid() where id = 2',
    'transfers_are_permitted_movements',
    'batches_form_an_unbroken_chain',
  ],
  [
    'an account of another kind',
    `update accounts set kind = 'program:cash' where id = 2`,
    'transfers_are_permitted_movements',
  ],
  [
    'an account in another currency',
    `update accounts set currency = 'GBP' where id = 2`,
    'transfers_are_permitted_movements',
  ],
  [
    'an account added',
    `insert into accounts values (99, 'user:held', gen_random_uuid(), null, 'USD', now())`,
    'every_row_belongs_to_a_batch',
  ],
  [
    'an account removed',
    'delete from accounts where id = 2',
    'accounts_are_numbered_without_gaps',
    'batches_form_an_unbroken_chain',
  ],
  [
    'a cause forgotten',
    `delete from causes where outcome = 'posted' and transfer_ids[1] = (select id from transfers where number = 1)`,
    'causes_match_their_transfers',
    'batches_form_an_unbroken_chain',
  ],
  ['a refusal forgotten', `delete from causes where outcome = 'refused'`, 'batches_form_an_unbroken_chain'],
  [
    'a refusal with another reason',
    `update causes set reason = 'nothing' where outcome = 'refused'`,
    'batches_form_an_unbroken_chain',
  ],
  [
    'a cause that names other transfers',
    `update causes set transfer_ids = array[gen_random_uuid()] where cause_id = (select cause_id from transfers where number = 1)`,
    'causes_match_their_transfers',
  ],
  [
    'a cause that asked for something else',
    `update causes set amount = amount + 1 where cause_id = (select cause_id from transfers where number = 1)`,
    'causes_match_their_fingerprints',
  ],
  [
    'a cause invented',
    `insert into causes (cause_id, posted_at, fingerprint, outcome, reason, transfer_ids) select gen_random_uuid(), posted_at, sha256(''), 'refused', 'x', '{}' from batches where number = 2`,
    'batches_form_an_unbroken_chain',
  ],
  ['a conflict forgotten', 'delete from cause_conflicts', 'batches_form_an_unbroken_chain'],
  [
    'a conflict invented',
    `insert into cause_conflicts select cause_id, sha256(''), posted_at from causes limit 1`,
    'batches_form_an_unbroken_chain',
  ],
  [
    'a fingerprint altered',
    `update causes set fingerprint = sha256('') where outcome = 'posted'`,
    'batches_form_an_unbroken_chain',
    'causes_match_their_fingerprints',
  ],
  [
    'a batch removed',
    'delete from batches where number = 2',
    'batches_form_an_unbroken_chain',
    'every_row_belongs_to_a_batch',
  ],
  ['all batches removed', 'delete from batches', 'every_row_belongs_to_a_batch', 'the_head_is_the_end_of_the_chain'],
  [
    'two batches exchanged',
    `update batches set number = -number where number in (2, 3); update batches set number = 5 + number where number < 0`,
    'batches_form_an_unbroken_chain',
  ],
  [
    'a batch that counts wrongly',
    'update batches set transfers = transfers + 1 where number = 2',
    'batches_form_an_unbroken_chain',
  ],
  [
    'a batch that ends at another transfer',
    'update batches set last_transfer = last_transfer + 1 where number = 7',
    'batches_form_an_unbroken_chain',
  ],
  [
    'a batch that ends at another account',
    'update batches set last_account = last_account + 1 where number = 7',
    'batches_form_an_unbroken_chain',
  ],
  ['a hash altered', `update batches set hash = sha256('') where number = 1`, 'batches_form_an_unbroken_chain'],
  ['a body altered', `update batches set body = sha256('') where number = 1`, 'batches_form_an_unbroken_chain'],
  [
    'the last batch cut off',
    'delete from batches where number = 8',
    'the_head_is_the_end_of_the_chain',
    'every_row_belongs_to_a_batch',
  ],
  ['the last batch cut off with its rows and the head', cutTail, 'checkpoints_match_the_chain'],
  ['the head put back', 'update ledger_head set batch = 2', 'the_head_is_the_end_of_the_chain'],
  ['the head removed', 'delete from ledger_head', 'the_head_is_the_end_of_the_chain'],
  [
    'a checkpoint altered',
    'update checkpoints set last_transfer = last_transfer + 1 where sequence = 1',
    'checkpoints_are_signed_and_chained',
    'checkpoints_match_the_chain',
  ],
  [
    'a checkpoint with another root',
    `update checkpoints set tree_root = sha256('') where sequence = 1`,
    'checkpoints_are_signed_and_chained',
    'checkpoints_match_the_chain',
  ],
  [
    'a checkpoint with another hash',
    `update checkpoints set hash = sha256('') where sequence = 1`,
    'checkpoints_are_signed_and_chained',
  ],
  ['a checkpoint removed', 'delete from checkpoints where sequence = 1', 'checkpoints_are_signed_and_chained'],
  [
    'an old checkpoint replayed',
    `insert into checkpoints select 3, first_batch, last_batch + 100, chain_hash, last_transfer, transfers, tree_root, posted_up_to, signed_at, previous, key_id, hash, signature from checkpoints where sequence = 1`,
    'checkpoints_are_signed_and_chained',
    'checkpoints_match_the_chain',
  ],
  [
    'two checkpoints exchanged',
    'update checkpoints set sequence = -sequence; update checkpoints set sequence = 3 + sequence',
    'checkpoints_are_signed_and_chained',
  ],
  [
    'the checkpoint over the end removed, and the end cut off',
    `delete from checkpoints where sequence = 2; update ledger_head set batch = 7; delete from batches where number = 8`,
    'every_row_belongs_to_a_batch',
  ],
]
