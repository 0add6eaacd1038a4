import { expect, it } from 'vitest'
import { decideScreening, type ScreenedReward, statusOf } from './screening.ts'

const reward: ScreenedReward = { granted: 100n, reversed: 30n, screening: 'waiting', revision: 0 }

it('the highest revision counts, whichever comes first', () => {
  const held = decideScreening(reward, 'held', 2)
  if (held.kind !== 'noted') throw new Error('expected a note')
  expect(held.next).toMatchObject({ screening: 'held', revision: 2 })
  expect(decideScreening(held.next, 'passed', 1)).toEqual({ kind: 'outdated' })
  expect(decideScreening(held.next, 'held', 2)).toEqual({ kind: 'outdated' })
  expect(decideScreening(held.next, 'passed', 3)).toMatchObject({ kind: 'noted', reversed: 0n })
})

it('failing takes back what is left, once; passing later brings nothing back', () => {
  const failed = decideScreening(reward, 'failed', 1)
  if (failed.kind !== 'noted') throw new Error('expected a note')
  expect(failed).toMatchObject({ reversed: 70n, next: { reversed: 100n } })
  expect(decideScreening(failed.next, 'failed', 2)).toMatchObject({ reversed: 0n })
  expect(decideScreening(failed.next, 'passed', 3)).toMatchObject({ next: { reversed: 100n } })
})

it('failing ends the same whether a higher revision that passes comes after it or overtook it', () => {
  const play = (steps: readonly (readonly ['passed' | 'failed', number])[]) =>
    steps.reduce((before, [screening, revision]) => {
      const decision = decideScreening(before, screening, revision)
      return decision.kind === 'noted' ? decision.next : before
    }, reward)
  const end = { granted: 100n, reversed: 100n, screening: 'passed', revision: 3 }
  expect(
    play([
      ['failed', 2],
      ['passed', 3],
    ]),
  ).toEqual(end)
  expect(
    play([
      ['passed', 3],
      ['failed', 2],
    ]),
  ).toEqual(end)
  expect(
    play([
      ['passed', 3],
      ['failed', 2],
      ['failed', 2],
    ]),
  ).toEqual(end)
})

it.each([
  ['waiting', false, 0n, 'pending'],
  ['passed', false, 30n, 'pending'],
  ['held', false, 0n, 'held'],
  ['passed', true, 30n, 'available'],
  ['held', true, 0n, 'available'],
  ['passed', true, 100n, 'reversed'],
  ['failed', false, 100n, 'reversed'],
] as const)('a reward that is %s, released %s, with %s taken back, is %s', (screening, released, reversed, status) => {
  expect(statusOf({ ...reward, screening, released, reversed })).toBe(status)
})
