import { expect, test } from 'vitest'
import { screenReward } from './screening.ts'

const reward = (rewardId: string) => ({ rewardId })

test('a reward passes', () => {
  const [verdict] = screenReward(new Set(), reward('a'))
  expect(verdict).toEqual({ kind: 'screened', decision: 'passed' })
})

test('a reward is screened once, whether the other time was long ago or earlier in the batch', () => {
  const [longAgo] = screenReward(new Set(['a']), reward('a'))
  expect(longAgo).toEqual({ kind: 'already_screened' })

  const [first, next] = screenReward(new Set(), reward('a'))
  const [second] = screenReward(next, reward('a'))
  const [other] = screenReward(next, reward('b'))
  expect([first.kind, second.kind, other.kind]).toEqual(['screened', 'already_screened', 'screened'])
})

test('the state that was handed in stays as it was', () => {
  const before = new Set<string>()
  screenReward(before, reward('a'))
  expect(before.size).toBe(0)
})
