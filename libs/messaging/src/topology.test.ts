import { describe, expect, it } from 'vitest'
import { delayTiers, isHeard, topology } from './topology.ts'

const { exchanges, queues, bindings } = topology()
const names = new Set([...exchanges, ...queues.map((queue) => queue.name)])

describe('the topology', () => {
  it('binds only what it declares', () => {
    for (const { source, destination } of bindings) {
      expect(names).toContain(source)
      expect(names).toContain(destination)
    }
  })

  it('bounds how often a service queue delivers, and dead-letters at least once', () => {
    for (const queue of queues.filter(({ name }) => /^tributary\.[a-z]+$/.test(name))) {
      expect(queue.arguments).toMatchObject({
        'x-queue-type': 'quorum',
        'x-delivery-limit': 20,
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
      })
      expect(queue.arguments).not.toHaveProperty('x-max-length')
    }
  })

  it('gives every delay its own queue, which sends back to the queue it was asked for', () => {
    for (const { name, delayMs } of delayTiers) {
      const queue = queues.find((one) => one.name === name)
      expect(queue?.arguments).toMatchObject({
        'x-message-ttl': delayMs,
        'x-dead-letter-exchange': 'tributary.redeliver',
      })
      expect(queue?.arguments).not.toHaveProperty('x-dead-letter-routing-key')
    }
  })

  it.each([
    ['subscription.paid', true],
    ['custom.course.completed', true],
    ['transfer.posted.earn', true],
    ['rewards.parked', true],
    ['member.created', false],
  ])('%s is heard by somebody: %s', (type, expected) => expect(isHeard(type)).toBe(expected))
})
