import type { NewRule } from '@tributary/client'
import type { Stack } from './stack.ts'

/** Somebody with a code to pass on. */
export type Referrer = Readonly<{ userId: string; code: string }>

/** A programme as a company sets it up by the API: a referrer with a code, and active rules. */
export async function setUpProgramme({ client }: Stack, rules: readonly NewRule[]): Promise<Referrer> {
  for (const rule of rules) {
    const { id, version } = await client.createRule(rule)
    await client.activateRule(id, { version })
  }
  return newReferrer(client, 'bob')
}

export async function newReferrer(client: Stack['client'], externalId: string): Promise<Referrer> {
  const { id: userId } = await client.createUser({ externalId, email: `${externalId}@example.com` })
  const { code } = await client.createReferralCode(userId, { code: `friend-of-${externalId}` })
  return { userId, code }
}

/** 10.00 USD for whoever brought a new customer. */
export const tenForARegistration = {
  name: '10 USD for a friend',
  eventType: 'user.registered',
  currency: 'USD',
  reward: { kind: 'fixed', amount: 1_000, currency: 'USD' },
} as const satisfies NewRule

/** A fifth of each payment, after two weeks. */
export const aFifthOfEachPayment = {
  name: '20 % of every payment',
  eventType: 'subscription.paid',
  currency: 'USD',
  reward: { kind: 'percent', basisPoints: 2_000 },
  holdingDays: 14,
} as const satisfies NewRule

export const registered = (externalUserId: string, referralCode?: string) => ({
  type: 'user.registered',
  data: { externalUserId, email: `${externalUserId}@example.com`, ...(referralCode ? { referralCode } : {}) },
})

export const paid = (externalUserId: string, invoiceId: string, amount: number) => ({
  type: 'subscription.paid',
  data: { externalUserId, invoiceId, subscriptionId: `subscription-of-${externalUserId}`, amount, currency: 'USD' },
})

export const refunded = (invoiceId: string, refundId: string, amount: number) => ({
  type: 'payment.refunded',
  data: { invoiceId, refundId, amount, currency: 'USD' },
})

/** Without an amount, the whole payment. */
export const disputed = (
  invoiceId: string,
  disputeId: string,
  status: 'opened' | 'won' | 'lost',
  money: { amount: number; currency: string } | Record<never, never> = {},
) => ({ type: 'payment.disputed', data: { invoiceId, disputeId, status, ...money } })
