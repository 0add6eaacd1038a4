import { expect, it } from 'vitest'
import type { Holdable } from './hold.ts'
import { decideModeration, type Moderation } from './moderation.ts'

const reward: Holdable = { granted: 100n, reversed: 30n, refusal: null, holds: [], holdSequence: 0 }

it.each<[string, Partial<Holdable>, Moderation, object]>([
  ['all that is left', {}, { kind: 'reverse', amount: null }, { kind: 'reversed', amount: 70n }],
  ['exactly what is left', {}, { kind: 'reverse', amount: 70n }, { kind: 'reversed', amount: 70n }],
  ['more than is left', {}, { kind: 'reverse', amount: 71n }, { why: 'only 70 of 100 are left of it' }],
  [
    'something of nothing',
    { reversed: 100n },
    { kind: 'reverse', amount: 1n },
    { why: 'nothing is left of it: all 100 were taken back' },
  ],
  [
    'to hold it',
    {},
    { kind: 'hold' },
    { change: { action: 'placed', told: { kind: 'held', amount: 70n, sequence: 1 } } },
  ],
  [
    'anything of what the ledger refused',
    { refusal: 'out_of_range' },
    { kind: 'reverse', amount: null },
    { why: 'the ledger refused it: out_of_range' },
  ],
  ['to hold what fraud holds', { holds: ['fraud'] }, { kind: 'hold' }, { change: { action: 'placed', told: null } }],
  ['to hold it twice', { holds: ['person'] }, { kind: 'hold' }, { why: 'people hold it already' }],
  ['to hold nothing', { reversed: 100n }, { kind: 'hold' }, { kind: 'refused' }],
  ['to resume it', { holds: ['person'] }, { kind: 'resume' }, { change: { action: 'lifted', holds: [] } }],
  ['to resume what nobody holds', {}, { kind: 'resume' }, { why: 'nobody holds it' }],
  [
    'to resume what others hold',
    { holds: ['fraud', 'dispute:d-1'] },
    { kind: 'resume' },
    { why: 'people do not hold it: that is the hold of fraud and of the dispute d-1' },
  ],
])('asked for %s', (_, changes, asked, expected) => {
  expect(decideModeration({ ...reward, ...changes }, asked)).toMatchObject(expected)
})
