import { type Database, query } from '@tributary/database'

/** From this instant, up to but not including the other. */
export type Period = Readonly<{ from: Date; to: Date }>

/**
 * What reports count, one row a referral whose customer registered in the period: `kept` unless it was rejected,
 * `rewarded` where any reward by it is neither taken back whole nor refused by the ledger. Rewards are read once for all:
 * they have no index by referral, and nothing else would need one.
 */
const counted = `counted as (
  select one.id, one.referrer_id, one.code, one.attributed_at, one.state <> 'rejected' as kept,
    one.converted_at is not null as converted, good.referral_id is not null as rewarded
  from referrals one
  left join (select distinct referral_id from rewards where reversed < granted and refusal is null) good
    on good.referral_id = one.id
  where one.attributed_at >= ? and one.attributed_at < ?)`

const steps = `count(*) filter (where kept)::int as registered,
  count(*) filter (where kept and converted)::int as converted,
  count(*) filter (where kept and rewarded)::int as rewarded`

export type Steps = Readonly<{ registered: number; converted: number; rewarded: number }>

export type Funnel = Steps & Readonly<{ codes: number; codesUsed: number; rejected: number }>

export async function findFunnel(db: Database, { from, to }: Period): Promise<Funnel> {
  const [row] = await query<Funnel>(
    db,
    `with ${counted}
     select (select count(*)::int from referral_codes where created_at >= ? and created_at < ?) as codes,
       count(distinct lower(code)) filter (where kept)::int as "codesUsed", ${steps},
       count(*) filter (where not kept)::int as rejected
     from counted`,
    [from, to, from, to],
  )
  return row!
}

export type Cohort = Steps & Readonly<{ month: string }>

/** By the month, in UTC, in which the customers registered; months without any are left out. */
export async function listCohorts(db: Database, { from, to }: Period): Promise<Cohort[]> {
  return await query<Cohort>(
    db,
    `with ${counted}
     select to_char(attributed_at at time zone 'utc', 'YYYY-MM') as month, ${steps}
     from counted where kept group by 1 order by 1`,
    [from, to],
  )
}

export type TopReferrer = Steps & Readonly<{ userId: string }>

/** Who brought most customers who paid; among equals who brought more, then the older user. */
export async function listTopReferrers(db: Database, { from, to }: Period, max: number): Promise<TopReferrer[]> {
  return await query<TopReferrer>(
    db,
    `with ${counted}
     select referrer_id as "userId", ${steps}
     from counted where kept group by 1 order by converted desc, registered desc, referrer_id limit ?`,
    [from, to, max],
  )
}

export type RuleCost = Readonly<{
  ruleId: string
  currency: string
  rewards: number
  granted: bigint
  reversed: bigint
  net: bigint
}>

/** What each rule granted for events of the period, and what was taken back of that until now; without what the ledger refused. */
export async function listRuleCosts(db: Database, { from, to }: Period): Promise<RuleCost[]> {
  return await query<RuleCost>(
    db,
    `select rule_id as "ruleId", currency, count(*)::int as rewards, sum(granted)::bigint as granted,
       sum(reversed)::bigint as reversed, sum(granted - reversed)::bigint as net
     from rewards where earned_at >= ? and earned_at < ? and refusal is null
     group by 1, 2 order by net desc, rule_id, currency`,
    [from, to],
  )
}
