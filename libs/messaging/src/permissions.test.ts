import { serviceNames } from '@tributary/contracts'
import { describe, expect, it } from 'vitest'
import { brokerPermissions } from './permissions.ts'

/** RabbitMQ matches permissions as regular expressions, anywhere in the name unless anchored. */
const mayWrite = (service: (typeof serviceNames)[number], exchange: string, routingKey: string): boolean => {
  const { write, topics } = brokerPermissions(service)
  const topic = topics.find((one) => one.exchange === exchange)
  return new RegExp(write).test(exchange) && topic !== undefined && new RegExp(topic.write).test(routingKey)
}

describe('a service may publish', () => {
  it.each([
    ['ingest', 'subscription.paid', true],
    ['ingest', 'custom.reward.earned', true],
    ['ingest', 'reward.earned', false],
    ['ingest', 'screening.passed', false],
    ['ingest', 'customized.thing', false],
    ['rewards', 'reward.earned', true],
    ['rewards', 'rewards.parked', true],
    ['rewards', 'ledger.parked', false],
    ['rewards', 'transfer.posted.earn', false],
    ['ledger', 'transfer.posted.earn', true],
    ['fraud', 'screening.passed', true],
    ['fraud', 'reward.earned', false],
    ['admin', 'audit.recorded', true],
    ['admin', 'member.created', false],
  ] as const)('%s %s: %s', (service, type, expected) => {
    expect(mayWrite(service, 'tributary.events', type)).toBe(expected)
  })

  it('a delayed or replayed message to itself, and to nobody else', () => {
    for (const exchange of ['tributary.delay.5s', 'tributary.redeliver']) {
      expect(mayWrite('fraud', exchange, 'tributary.fraud')).toBe(true)
      expect(mayWrite('fraud', exchange, 'tributary.ledger')).toBe(false)
    }
  })

  it('nothing to the exchanges that only the broker feeds', () => {
    for (const service of serviceNames) {
      for (const exchange of ['tributary.dead', 'tributary.public', ''])
        expect(mayWrite(service, exchange, 'x')).toBe(false)
    }
  })
})

describe('a service may read', () => {
  it('its own queues only', () => {
    const mayRead = (queue: string) => new RegExp(brokerPermissions('ledger').read).test(queue)
    expect(mayRead('tributary.ledger')).toBe(true)
    expect(mayRead('tributary.ledger.dead')).toBe(true)
    expect(mayRead('tributary.rewards')).toBe(false)
    expect(mayRead('tributaryXledger')).toBe(false)
  })
})
