import { query, type Transaction } from '@tributary/database'

/** All the ways in which events name rewards. */
export type RewardNames = Readonly<{
  rewardIds: readonly string[]
  causes: readonly string[]
  transactionIds: readonly string[]
  /** Rewards of their payments. */
  subscriptionIds: readonly string[]
}>

/** Locks rewards, sorted, however they are named. */
export async function lockRewardsNamed(tx: Transaction, names: RewardNames): Promise<void> {
  const { rewardIds, causes, transactionIds, subscriptionIds } = names
  if (Object.values(names).every((list) => list.length === 0)) return
  await query(
    tx,
    `select from rewards where id in (
       select unnest(?::uuid[])
       union all select id from rewards where cause = any(?::text[])
       union all select reward_id from reward_transactions where id = any(?::uuid[])
       union all select rewards.id from invoices join rewards on cause = 'invoice:' || invoice_id
         where subscription_id = any(?::text[])
     ) order by id for no key update`,
    [rewardIds, causes, transactionIds, subscriptionIds],
  )
}
