import { expect, test } from 'vitest'
import { type Standing, tellStanding } from './standing.ts'

const dueMs = Date.parse('2026-06-15T00:00:00Z')
const reward: Standing = {
  granted: 1_000n,
  reversed: 0n,
  currency: 'USD',
  refusal: null,
  holds: [],
  screening: 'passed',
  dueMs,
  releasedMs: null,
  reversedFor: null,
}
const due = '2026-06-15T00:00:00.000Z'

test.each<[string, Partial<Standing>, number, string]>([
  ['not due', {}, -1, `Its holding period ends at ${due}; it is released then.`],
  [
    'neither due nor screened',
    { screening: 'waiting' },
    -1,
    `Its holding period ends at ${due}; it is released then, and it has not been screened for fraud yet.`,
  ],
  ['due', {}, 0, 'It is due, and goes out with the next release, which runs all the time.'],
  [
    'due and not screened',
    { screening: 'waiting' },
    0,
    'Its holding period is over, but it has not been screened for fraud yet; it is released once it passes.',
  ],
  ['released', { releasedMs: dueMs }, 1, `It was released at ${due} and is the user's.`],
  [
    'held by fraud',
    { holds: ['fraud'], screening: 'held' },
    1,
    'It is held by the screening for fraud, and is not released before that hold is lifted.',
  ],
  [
    'held by two and not due',
    { holds: ['person', 'dispute:d-1'] },
    -1,
    `It is held by a person and by the dispute d-1, and is not released before all of these holds are lifted, and not before ${due}.`,
  ],
  [
    'held after it was released',
    { holds: ['dispute:d-1'], releasedMs: dueMs },
    1,
    'It is held by the dispute d-1, and cannot be cashed out before that hold is lifted.',
  ],
  [
    'taken back in part',
    { reversed: 400n, reversedFor: 'payment_refunded', releasedMs: dueMs },
    1,
    `It was released at ${due} and is the user's. 4.00 USD of 10.00 USD were taken back, the last because the payment was refunded.`,
  ],
  [
    'taken back',
    { reversed: 1_000n, reversedFor: 'screening_failed', holds: ['person'] },
    1,
    'All 10.00 USD of it were taken back, the last because it failed its screening for fraud.',
  ],
  [
    'refused by the ledger',
    { refusal: 'total_out_of_range', holds: ['person'] },
    1,
    'The ledger refused it (total out of range), so no money was ever in it.',
  ],
])('says of a reward that is %s where it stands', (_, changes, afterDueMs, sentence) => {
  expect(tellStanding({ ...reward, ...changes }, dueMs + afterDueMs)).toBe(sentence)
})
