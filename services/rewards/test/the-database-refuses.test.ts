import { query } from '@tributary/database'
import { beforeAll, expect, test } from 'vitest'
import { type Desk, openDesk, paid, registered, screened, seedReferrer, seedRule } from './desk.ts'

// One for the whole file: what is refused changes nothing.
let desk: Desk

beforeAll(async () => {
  desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk)
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  await desk.handle(paid('bob', 'inv-1', 1000))
  const [earned] = await desk.said('reward.earned')
  await desk.handle(screened(earned!.data.rewardId as string, 'held'))
})

test.each([
  'update reward_transactions set amount = 1',
  'delete from reward_transactions',
  'truncate reward_transactions',
  `update decisions set reason = 'x'`,
  'delete from decisions',
  'delete from rewards',
  `update reward_holds set action = 'lifted'`,
  'delete from reward_holds',
  'delete from reward_refusals',
  'delete from disputes',
  'update disputes set amount = 1',
  'update rewards set granted = 1',
  `update rule_versions set definition = '{}'`,
  'delete from rule_versions',
  'delete from facts',
  'delete from occasions',
  'delete from rule_changes',
  'delete from cap_counters',
  'update rule_versions set counts = false',
  'delete from users',
  'update refunds set amount = 1',
])('the service may not %s', async (sql) => {
  await expect(query(desk.db, sql)).rejects.toThrow(/permission denied/)
})

test.each([
  ['update reward_transactions set amount = 1', /reward_transactions is append-only: UPDATE refused/],
  ['delete from reward_transactions', /reward_transactions is append-only: DELETE refused/],
  ['truncate reward_transactions', /reward_transactions is append-only: TRUNCATE refused/],
  [`update reward_holds set reason = 'x'`, /reward_holds is append-only: UPDATE refused/],
  ['delete from reward_holds', /reward_holds is append-only: DELETE refused/],
  [`update decisions set reason = 'x'`, /decisions is append-only: UPDATE refused/],
  [`update rule_versions set definition = '{}'`, /a rule version never changes/],
  ['delete from occasions', /occasions is append-only: DELETE refused/],
  ['truncate rule_changes', /rule_changes is append-only: TRUNCATE refused/],
  ['update rewards set reversed = granted + 1', /rewards_reverse_at_most_what_was_granted/],
  [
    `insert into rewards select gen_random_uuid(), rule_id, rule_version, cause, beneficiary, user_id, referral_id, event_id,
       currency, granted, 0, due_at, null, 'waiting', 0, earned_at, recorded_at from rewards`,
    /rewards_one_per_rule_cause_and_beneficiary/,
  ],
])('not even the owner of the tables may %s', async (sql, refusal) => {
  await expect(query(desk.database.db, sql)).rejects.toThrow(refusal)
})
