import { answer, type Check, within } from './check.ts'

/** That nothing was changed after it was hashed, and nothing is there that was not. */
export const chainChecks: readonly Check[] = [
  {
    name: 'batches_form_an_unbroken_chain',
    sql: ({ range }) => `${answer} from (
      select coalesce(b.number::text, 'outside of any batch: ' || found.posted_at) as id, (
        b.number is null
        or b.number <> ${range.after.batch} + row_number() over chain
        or b.posted_at <= lag(b.posted_at, 1, '${range.after.postedAt}'::timestamptz) over chain
        or b.transfers <> coalesce(found.transfers, 0)
        or b.last_transfer <> lag(b.last_transfer, 1, ${range.after.lastTransfer}::bigint) over chain + b.transfers
        or b.last_transfer < coalesce(found.last_transfer, 0)
        or b.last_account <> lag(b.last_account, 1, ${range.after.lastAccount}::bigint) over chain + coalesce(found.accounts, 0)
        or b.body <> body_hash(coalesce(found.account_bytes, ''), coalesce(found.cause_bytes, ''), coalesce(found.transfer_bytes, ''), found.archive_bytes)
        or b.hash <> chain_hash(lag(b.hash, 1, '\\x${range.after.hash}'::bytea) over chain, b.number, b.posted_at, b.body)
      ) as wrong
      from (
        select * from batches where number > ${range.after.batch} and posted_at <= '${range.upTo}'::timestamptz
      ) b
      full join (
        select posted_at, t.transfers, t.last_transfer, t.transfer_bytes, a.accounts, a.account_bytes, c.cause_bytes, archive_bytes
        from (
          select posted_at, count(*) as transfers, max(number) as last_transfer, string_agg(transfer_bytes(number, id, cause_id,
            kind, debit_account, credit_account, amount, currency, reward_id, effective_at, cashout_id), '' order by number) as transfer_bytes
          from transfers where ${within('posted_at', range)} group by posted_at
        ) t
        full join (
          select opened_at as posted_at, count(*) as accounts,
            string_agg(account_bytes(id, kind, user_id, provider, currency), '' order by id) as account_bytes
          from accounts where ${within('opened_at', range)} group by opened_at
        ) a using (posted_at)
        full join (
          select posted_at,
            string_agg(cause_bytes(cause_id, fingerprint, outcome, reason), '' order by cause_id, fingerprint) as cause_bytes
          from (
            select cause_id, fingerprint, outcome, reason, posted_at from causes where ${within('posted_at', range)}
            union all
            select cause_id, fingerprint, 'conflict', 'conflict', posted_at from cause_conflicts where ${within('posted_at', range)}
          ) answered group by posted_at
        ) c using (posted_at)
        full join (
          select posted_at, archive_bytes(archives) as archive_bytes from archives where ${within('posted_at', range)}
        ) archived using (posted_at)
      ) found on found.posted_at = b.posted_at
      window chain as (order by b.number)
    ) looked`,
  },
  {
    name: 'the_head_is_the_end_of_the_chain',
    sql: () => `${answer} from (
      select 'head' as id, (
        h.batch is null or h.batch <> coalesce(b.number, 0) or h.last_transfer <> coalesce(b.last_transfer, 0)
        or h.last_account <> coalesce(b.last_account, 0)
        or h.posted_at <> coalesce(b.posted_at, 'epoch') or h.hash <> coalesce(b.hash, decode(repeat('00', 32), 'hex'))
      ) as wrong
      from (select 1) one
      left join ledger_head h on true
      left join lateral (select * from batches order by number desc limit 1) b on true
    ) looked`,
  },
]
