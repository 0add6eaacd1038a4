import { type ServiceName, serviceNames } from '@tributary/contracts'
import { testBroker } from '@tributary/testing'
import { expect, it } from 'vitest'
import { withChannel } from '../src/broker.ts'

/** Publishes as a service and waits until the broker has taken it or closed the channel. */
async function publishAs(url: string, exchange: string, routingKey: string): Promise<string> {
  try {
    return await withChannel(url, async (channel) => {
      const { promise, reject } = Promise.withResolvers<never>()
      promise.catch(() => {})
      channel.on('error', reject)
      channel.publish(exchange, routingKey, Buffer.from('{}'))
      // A round trip after it: the refusal would have come first.
      await Promise.race([promise, channel.checkExchange('tributary.events')])
      return 'taken'
    })
  } catch (error) {
    return String(error)
  }
}

const own: Record<ServiceName, string> = {
  ingest: 'subscription.paid',
  rewards: 'reward.earned',
  ledger: 'transfer.posted.earn',
  payouts: 'cashout.paid',
  fraud: 'screening.passed',
  admin: 'audit.recorded',
}

it("each service: its own nouns pass, everyone else's are refused by the broker", async () => {
  const { urls } = await testBroker()
  for (const speaker of serviceNames) {
    for (const owner of serviceNames) {
      const answer = await publishAs(urls[speaker], 'tributary.events', own[owner])
      const isAllowed = speaker === owner || own[owner] === 'audit.recorded'
      if (isAllowed) expect(answer).toBe('taken')
      else expect(answer, `${speaker} says ${own[owner]}`).toMatch(/ACCESS_REFUSED|403/)
    }
  }
})

it("a delayed or replayed message goes to its sender's own queue only", async () => {
  const { urls } = await testBroker()
  for (const exchange of ['tributary.delay.5s', 'tributary.redeliver']) {
    expect(await publishAs(urls.fraud, exchange, 'tributary.fraud')).toBe('taken')
    expect(await publishAs(urls.fraud, exchange, 'tributary.ledger')).toMatch(/ACCESS_REFUSED|403/)
  }
  expect(await publishAs(urls.fraud, '', 'tributary.ledger')).toMatch(/ACCESS_REFUSED|403/)
})

it("no service reads another one's queue, or declares anything", async () => {
  const { urls } = await testBroker()
  const steal = withChannel(urls.fraud, (channel) => channel.consume('tributary.ledger', () => {}))
  await expect(steal).rejects.toThrow(/ACCESS_REFUSED|403/)
  const declare = withChannel(urls.fraud, (channel) => channel.assertQueue('tributary.fraud.more'))
  await expect(declare).rejects.toThrow(/ACCESS_REFUSED|403/)
})
