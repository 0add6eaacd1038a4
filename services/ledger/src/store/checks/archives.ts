import { answer, type Check, noHash } from './check.ts'

/**
 * What was archived can only be recomputed from its files. What stays of it in the database is looked at here: the batches are
 * still linked, and openings, accounts and causes are what each archive says, which the chain covers.
 */
export const archiveChecks: readonly Check[] = [
  {
    name: 'archived_batches_are_linked',
    sql: ({ range }) => `${answer} from (
      select number as id, (
        number <> row_number() over chain
        or hash <> chain_hash(lag(hash, 1, '\\x${noHash}'::bytea) over chain, number, posted_at, body)
        or last_transfer <> lag(last_transfer, 1, 0::bigint) over chain + transfers
      ) as wrong
      from batches where number <= ${range.after.batch}
      window chain as (order by number)
    ) looked`,
  },
  {
    name: 'archives_are_what_they_were',
    sql: () => `${answer} from (
      select a.number as id, (
        a.number <> row_number() over archived
        or a.previous_sha256 <> coalesce(lag(sha256(archive_bytes(a))) over archived, '\\x${noHash}'::bytea)
        or a.openings_sha256 <> openings_hash(a.number) or a.positions_sha256 <> opening_positions_hash(a.number)
        or a.accounts_sha256 <> opened_hash(lag(a.retained_from, 1, '-infinity'::timestamptz) over archived, a.retained_from)
        or a.causes_sha256 <> answered_hash(lag(a.retained_from, 1, '-infinity'::timestamptz) over archived, a.retained_from)
        or b.number is null or b.hash <> a.last_hash or b.posted_at <> a.last_instant or b.last_transfer <> a.last_transfer
        or b.last_account <> a.last_account
      ) as wrong
      from archives a left join batches b on b.number = a.last_batch
      window archived as (order by a.number)
      union all
      select archive, true from (
        select archive from opening_balances union select archive from opening_reward_positions
        union select archive from opening_cashout_positions union select archive from opening_early_entries
      ) openings where archive not in (select number from archives)
    ) looked`,
  },
]
