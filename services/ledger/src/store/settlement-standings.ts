import { query, type Transaction } from '@tributary/database'
import type { LineStanding, SettledCashout, SettlementLine } from '../domain/settlement.ts'

/**
 * What a line is judged by, and what of it can still make it match, as one text: a line is judged again when that reads
 * otherwise. That its cashout is settled is not in it, since that never ends.
 */
export type Standing = Readonly<{ standing: LineStanding; seen: string }>

/**
 * What each line `l` (provider, type, reference) is judged by: `is_provider_known`, `named`, `seen`. A reference may be a
 * cashout's id, or a provider's name for it, which may look like an id, too.
 * `offset 0` keeps the look-ups by key: a plan from when the tables were small would walk all cashouts.
 */
export const standingOfLine = `cross join lateral (
    select l.type = 'fee' and exists (select from accounts a
      where a.user_id is null and a.kind = 'provider:clearing' and a.provider = l.provider) as is_provider_known
  ) provider
  cross join lateral (
    select coalesce(json_agg(json_build_object('cashoutId', c.cashout_id, 'provider', c.provider, 'currency', c.currency,
        'amount', c.reserved::text, 'place', c.place, 'settledBy', c.settled_by)), '[]') as named,
      concat_ws('/', provider.is_provider_known,
        string_agg(concat_ws(' ', c.cashout_id, c.provider, c.place), ',' order by c.cashout_id)) as seen
    from (
      select l.reference::uuid as cashout_id
      where l.reference ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
      union
      select r.cashout_id from provider_references r where r.provider = l.provider and r.reference = l.reference
    ) name
    cross join lateral (
      select p.cashout_id, p.provider, p.currency, p.reserved,
        case when p.paid > 0 then 'paid' when p.bounced > 0 then 'bounced' when p.returned > 0 then 'returned'
          else 'in_payout' end as place,
        array(select s.type from settlement_closings s where s.cashout_id = p.cashout_id order by s.type) as settled_by
      from cashout_positions p where p.cashout_id = name.cashout_id offset 0
    ) c
    where l.type <> 'fee'
  ) standing`

type Row = Readonly<{
  named: readonly (Omit<SettledCashout, 'amount'> & { amount: string })[]
  is_provider_known: boolean
  seen: string
}>

/** What each of these lines is judged by, in their order. Read it under the ledger's lock, so that it holds when it is used. */
export async function findStandings(tx: Transaction, lines: readonly SettlementLine[]): Promise<readonly Standing[]> {
  const rows = await query<Row>(
    tx,
    `select standing.named, provider.is_provider_known, standing.seen
     from unnest(?::text[], ?::text[], ?::text[]) with ordinality as l (provider, type, reference, number)
     ${standingOfLine} order by l.number`,
    [lines.map((line) => line.provider), lines.map((line) => line.type), lines.map((line) => line.reference)],
  )
  return rows.map(({ named, is_provider_known: isProviderKnown, seen }) => ({
    standing: { isProviderKnown, named: named.map((cashout) => ({ ...cashout, amount: BigInt(cashout.amount) })) },
    seen,
  }))
}
