import { randomBytes, randomUUID } from 'node:crypto'
import { Failure } from '../arguments.ts'
import { call, describe, fetchToken, type LocalStack, requireStack, sendWebhook } from './client.ts'
import { followEvent, isReleased } from './hops.ts'
import type { Progress } from './progress.ts'

/** Also what the README's first example shows: a payment of 49.00 earns the referrer 9.80. */
const payment = { amount: 4900, currency: 'USD' }

/**
 * A small programme through the public APIs: a referrer with a code, 20 % of every payment, 10.00 for a registration. Then one
 * friend registers and pays, and every hop until the ledger entry is printed. Names are new each time, so it can be run again.
 */
export async function runDemo(progress: Progress): Promise<void> {
  const stack = requireStack()
  const token = await fetchToken(stack)
  const tag = randomBytes(3).toString('hex')
  progress.step('demo: creating a referrer, a referral code and two rules')
  const rewards = stack.url('rewards')
  const referrer = await call<{ id: string }>(token, 'POST', `${rewards}/api/v1/users`, {
    externalId: `ada-${tag}`,
    email: `ada-${tag}@example.com`,
    name: 'Ada',
  })
  const code = await call<{ code: string }>(token, 'POST', `${rewards}/api/v1/users/${referrer.id}/referral-codes`, {})
  await Promise.all([
    activateRule(stack, token, {
      name: '20% of every payment',
      eventType: 'subscription.paid',
      currency: 'USD',
      reward: { kind: 'percent', basisPoints: 2000 },
    }),
    activateRule(stack, token, {
      name: '10.00 for a friend who registers',
      eventType: 'user.registered',
      currency: 'USD',
      reward: { kind: 'fixed', amount: 1000, currency: 'USD' },
    }),
  ])
  const friend = `grace-${tag}`
  const registered = { externalUserId: friend, email: `${friend}@example.com`, name: 'Grace', referralCode: code.code }
  await sendAndFollow(stack, token, progress, 'user.registered', registered)
  const subscription = { invoiceId: `invoice-${tag}-1`, subscriptionId: `subscription-${tag}`, ...payment }
  await sendAndFollow(stack, token, progress, 'subscription.paid', { externalUserId: friend, ...subscription })
  const balance = await call<{ balances: unknown[] }>(
    token,
    'GET',
    `${stack.url('ledger')}/api/v1/users/${referrer.id}/balance`,
  )
  progress.step(`demo: the referrer's balance: ${JSON.stringify(balance.balances)}`)
}

/** Two demos of one stack would double the rewards; the same rule is therefore made only once. */
async function activateRule(
  stack: LocalStack,
  token: string,
  rule: { name: string } & Record<string, unknown>,
): Promise<void> {
  const url = `${stack.url('rewards')}/api/v1/reward-rules`
  const known = await call<{ items: { name: string; status: string }[] }>(token, 'GET', `${url}?limit=200`)
  if (known.items.some((each) => each.name === rule.name && each.status === 'active')) return
  const { id, version } = await call<{ id: string; version: number }>(token, 'POST', url, { holdingDays: 0, ...rule })
  await call(token, 'POST', `${url}/${id}/activate`, { version })
}

let firstPosted = false

async function sendAndFollow(
  stack: LocalStack,
  token: string,
  progress: Progress,
  type: string,
  data: object,
): Promise<void> {
  const answer = await sendWebhook(stack, `demo-${randomUUID()}`, type, data)
  if (answer.status !== 202) throw new Failure(`demo: ${type} was refused: ${describe(answer)}`)
  const { eventId } = answer.body as { eventId: string }
  progress.step(`demo: sent ${type}, event ${eventId}`)
  const { event, settled } = await followEvent(
    stack,
    token,
    eventId,
    (line) => console.log(`           ${line}`),
    isReleased,
  )
  if (!settled) throw new Failure(`demo: ${type} did not come to its end within 30 s; its status is ${event.status}`)
  const posted = event.effects.find((each) => each.service === 'ledger' && each.outcome === 'posted')
  if (posted === undefined || firstPosted) return
  firstPosted = true
  const seconds = (Date.parse(posted.at) - progress.begun) / 1000
  progress.step(`demo: first posted ledger entry ${seconds.toFixed(1)} s after the start of up`)
}
