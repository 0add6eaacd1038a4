import { query, type Transaction } from '@tributary/database'
import type { RecurringReward, Subscription } from '../domain/cancellation.ts'

/** A subscription is its customer's: the same id with another customer is another one. */
export type SubscriptionId = Readonly<{ externalUserId: string; subscriptionId: string }>

export const subscriptionKey = ({ externalUserId, subscriptionId }: SubscriptionId): string =>
  `${externalUserId}/${subscriptionId}`

/**
 * Locks the rewards that payments of these subscriptions earned by recurring rules, sorted, and answers them with the
 * earliest end known. The customers' anchors are locked, so no payment of theirs is being decided.
 */
export async function lockSubscriptions(
  tx: Transaction,
  ids: readonly SubscriptionId[],
): Promise<Map<string, Subscription>> {
  const customers = ids.map((one) => one.externalUserId)
  const subscriptions = ids.map((one) => one.subscriptionId)
  const ends = await query<SubscriptionId & { at: Date }>(
    tx,
    `select customer as "externalUserId", about as "subscriptionId", min(happened_at) as at
     from facts join unnest(?::text[], ?::text[]) as asked (customer, subscription)
       on about = subscription and payload ->> 'externalUserId' = customer
     where type = 'subscription.cancelled' group by customer, about`,
    [customers, subscriptions],
  )
  const rewards = await query<SubscriptionId & { id: string; left: bigint; paidAt: Date }>(
    tx,
    `select external_user_id as "externalUserId", subscription_id as "subscriptionId", rewards.id,
       case when refusal is null then granted - reversed else 0 end as left, paid_at as "paidAt"
     from invoices
     join rewards on cause = 'invoice:' || invoice_id
     join rule_versions pinned on pinned.rule_id = rewards.rule_id and pinned.version = rewards.rule_version
     where subscription_id = any(?::text[])
       and (external_user_id, subscription_id) in (select * from unnest(?::text[], ?::text[]))
       and definition ->> 'recurring' is not null
     order by rewards.id for no key update of rewards`,
    [subscriptions, customers, subscriptions],
  )
  const endOf = new Map(ends.map((one) => [subscriptionKey(one), one.at.getTime()]))
  const rewardsOf = Map.groupBy(rewards, subscriptionKey)
  return new Map(
    ids.map((id) => {
      const key = subscriptionKey(id)
      const earned = (rewardsOf.get(key) ?? []).map(
        ({ id, left, paidAt }): RecurringReward => ({ id, left, paidMs: paidAt.getTime() }),
      )
      return [key, { cancelledMs: endOf.get(key) ?? null, rewards: earned }]
    }),
  )
}
