import fc from 'fast-check'
import { expect, it } from 'vitest'
import { changeHold, type Hold, type Holdable, holderOf } from './hold.ts'

const reward: Holdable = { granted: 100n, reversed: 30n, refusal: null, holds: [], holdSequence: 0 }

it.each<[string, Partial<Holdable>, Hold, boolean, unknown]>([
  ['the first hold', {}, 'fraud', true, { told: { kind: 'held', amount: 70n, sequence: 1 }, holds: ['fraud'] }],
  ['a second one on top', { holds: ['fraud'] }, 'person', true, { told: null, holds: ['fraud', 'person'] }],
  ['one of two', { holds: ['fraud', 'dispute:d'] }, 'fraud', false, { told: null, holds: ['dispute:d'] }],
  [
    'the last one',
    { holds: ['dispute:d'], holdSequence: 1 },
    'dispute:d',
    false,
    { told: { kind: 'resumed', amount: 70n, sequence: 2 }, holds: [] },
  ],
  ['a hold on what was taken back whole', { reversed: 100n }, 'person', true, { told: null, holds: ['person'] }],
])('%s is told, or not', (_, changes, hold, stands, expected) => {
  expect(changeHold({ ...reward, ...changes }, hold, stands)[0]).toMatchObject(expected as object)
})

it.each<[string, readonly Hold[], Hold, boolean]>([
  ['placing what stands', ['fraud'], 'fraud', true],
  ['lifting what does not stand', ['fraud'], 'person', false],
  ["lifting another dispute's", ['dispute:d-1'], 'dispute:d-2', false],
])('%s changes nothing', (_, holds, hold, stands) => {
  expect(changeHold({ ...reward, holds }, hold, stands)).toEqual([null, { ...reward, holds }])
})

it('a reward is held while any hold on it stands, and what is told alternates from 1', () => {
  const hold = fc.constantFrom<Hold>('fraud', 'person', 'dispute:d-1', 'dispute:d-2')
  fc.assert(
    fc.property(fc.array(fc.tuple(hold, fc.boolean()), { maxLength: 30 }), (steps) => {
      let now = reward
      const standing = new Set<Hold>()
      const told: unknown[] = []
      for (const [one, stands] of steps) {
        const [change, next] = changeHold(now, one, stands)
        if (stands) standing.add(one)
        else standing.delete(one)
        if (change?.told) told.push([change.told.kind, change.told.sequence])
        now = next
        expect(new Set(now.holds)).toEqual(standing)
        expect(told.length % 2 === 1).toBe(standing.size > 0)
      }
      expect(told).toEqual(told.map((_one, index) => [index % 2 === 0 ? 'held' : 'resumed', index + 1]))
      expect(now.holdSequence).toBe(told.length)
    }),
  )
})

it('a hold names whose it is', () => {
  expect(holderOf('fraud')).toEqual({ holder: 'fraud', reference: '' })
  expect(holderOf('dispute:person')).toEqual({ holder: 'dispute', reference: 'person' })
})
