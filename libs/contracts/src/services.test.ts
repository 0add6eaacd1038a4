import { describe, expect, it } from 'vitest'
import { isOfKind, mayPublish, topicMatches } from './index.ts'

describe('a topic pattern', () => {
  it.each([
    ['subscription.paid', 'subscription.paid', true],
    ['transfer.#', 'transfer.posted.earn', true],
    ['transfer.#', 'transfer', true],
    ['transfer.*', 'transfer.posted.earn', false],
    ['*.parked', 'rewards.parked', true],
    ['*.parked', 'a.b.parked', false],
    ['#', 'anything.at.all', true],
    ['custom.#', 'customer.made', false],
  ])('%s matches %s: %s', (pattern, key, expected) => expect(topicMatches(pattern, key)).toBe(expected))
})

describe('a kind of event', () => {
  it.each([
    ['transfer.posted.earn', 'transfer.posted.*', true],
    ['transfer.refused', 'transfer.posted.*', false],
    ['rewards.parked', '*.parked', true],
    ['custom.course.completed', 'custom.*', true],
    ['reward.earned', 'reward.earned', true],
    ['reward.earned.more', 'reward.earned', false],
  ])('%s belongs to %s: %s', (type, kind, expected) => expect(isOfKind(type, kind)).toBe(expected))
})

describe('the noun of an event', () => {
  it('names its only publisher', () => {
    expect(mayPublish('ingest', 'subscription.paid')).toBe(true)
    expect(mayPublish('ingest', 'reward.earned')).toBe(false)
    expect(mayPublish('rewards', 'reward.earned')).toBe(true)
    expect(mayPublish('rewards', 'fraud.parked')).toBe(false)
    expect(mayPublish('admin', 'audit.recorded')).toBe(true)
    expect(mayPublish('admin', '')).toBe(false)
  })
})
