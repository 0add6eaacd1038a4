import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decideScreening, type ScreenedReward, statusOf } from './screening.ts'

const reward: ScreenedReward = {
  granted: 100n,
  reversed: 30n,
  refusal: null,
  holds: [],
  holdSequence: 0,
  screening: 'waiting',
  revision: 0,
}

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
  const end = { ...reward, granted: 100n, reversed: 100n, screening: 'passed', revision: 3 }
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

it("fraud's hold stands while the highest revision says so, however the answers arrive", () => {
  const answers = [
    ['held', 1],
    ['passed', 2],
    ['held', 3],
    ['passed', 4],
  ] as const
  fc.assert(
    fc.property(fc.shuffledSubarray([...answers]), (given) => {
      const last = given.reduce((before, [screening, revision]) => {
        const decision = decideScreening(before, screening, revision)
        return decision.kind === 'noted' ? decision.next : before
      }, reward)
      const highest = given.toSorted(([, one], [, other]) => other - one)[0]
      expect(last.holds).toEqual(highest?.[0] === 'held' ? ['fraud'] : [])
      // Told in turns, from 1.
      expect(last.holdSequence % 2).toBe(last.holds.length)
    }),
  )
})

it('a reward that fails while it is held is not told to be free: nothing is left of it', () => {
  const held = decideScreening(reward, 'held', 1)
  if (held.kind !== 'noted') throw new Error('expected a note')
  expect(held.hold?.told).toEqual({ kind: 'held', amount: 70n, sequence: 1 })
  expect(decideScreening(held.next, 'failed', 2)).toMatchObject({
    reversed: 70n,
    hold: { action: 'lifted', told: null, holds: [] },
  })
})

it.each([
  [[], false, 0n, 'pending'],
  [['person'], false, 0n, 'held'],
  [[], true, 30n, 'available'],
  [['dispute:d-1'], true, 0n, 'held'],
  [[], true, 100n, 'reversed'],
  [['fraud'], false, 100n, 'reversed'],
] as const)(
  'a reward with the holds %j, released %s, with %s taken back, is %s',
  (holds, released, reversed, status) => {
    expect(statusOf({ ...reward, holds, released, reversed })).toBe(status)
  },
)
