import { answer, type Check } from './check.ts'

/** That what people and providers asked for by other ways than events led to what was posted for it, and to nothing else. */
export const requestChecks: readonly Check[] = [
  {
    name: 'adjustments_match_their_causes',
    sql: () => `${answer} from (
      select coalesce(a.id, c.cause_id) as id, case
        when a.id is null then true
        when a.status in ('posted', 'refused') then c.cause_id is null or c.outcome <> a.status
          or c.reason is distinct from a.refusal or c.amount <> a.amount or c.currency <> a.currency
          or c.user_id is distinct from a.user_id or c.detail is distinct from a.direction
        else c.cause_id is not null
      end as wrong
      from adjustments a
      full join (select * from causes where kind = 'adjust') c on c.cause_id = a.id
    ) looked`,
  },
  {
    name: 'settlements_match_their_causes',
    sql: () => `${answer} from (
      select coalesce(s.cause_id, c.cause_id) as id, (
        s.cause_id is null or c.cause_id is null or c.outcome <> 'posted' or c.kind <> s.kind or c.amount <> s.amount
        or c.currency <> s.currency or c.subject_id <> s.subject_id or c.detail is distinct from s.detail
      ) as wrong
      from (
        select l.id as cause_id, case l.type when 'fee' then 'fee' else 'clear' end as kind, l.amount, l.currency,
          coalesce(e.cashout_id, l.id) as subject_id,
          l.provider || case l.type when 'payout' then '/out' when 'refund' then '/back' else '' end as detail
        from settlement_closings e join settlement_lines l on l.id = e.line_id
        where e.outcome = 'matched'
        union all
        select l.fee_cause_id, 'fee', l.fee, l.currency, l.fee_cause_id, l.provider
        from settlement_closings e join settlement_lines l on l.id = e.line_id
        where e.outcome = 'matched' and l.fee_cause_id is not null
      ) s
      full join (select * from causes where kind in ('clear', 'fee')) c on c.cause_id = s.cause_id
    ) looked`,
  },
  {
    name: 'settlement_lines_are_closed_or_wait',
    sql: () => `${answer} from (
      select coalesce(l.id, u.line_id) as id, (
        l.id is null or (e.line_id is null) = (u.line_id is null) or e.type <> l.type or u.provider <> l.provider
      ) as wrong
      from settlement_lines l
      left join settlement_closings e on e.line_id = l.id
      full join unmatched_settlements u on u.line_id = l.id
    ) looked`,
  },
]
