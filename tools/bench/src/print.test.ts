import { expect, test } from 'vitest'
import { toTable } from './print.ts'
import { passes } from './result.ts'

test('a figure at its threshold passes, one beyond it fails, and one that was not measured fails', () => {
  const atLeast = { name: 'rate', unit: '/s', threshold: { atLeast: 5 } }
  expect(passes({ ...atLeast, value: 5 })).toBe(true)
  expect(passes({ ...atLeast, value: 4.99 })).toBe(false)
  expect(passes({ ...atLeast, value: Number.NaN })).toBe(false)
  const atMost = { name: 'p99', unit: 'ms', threshold: { atMost: 60 } }
  expect(passes({ ...atMost, value: 60 })).toBe(true)
  expect(passes({ ...atMost, value: 60.1 })).toBe(false)
  expect(passes({ name: 'plain', unit: '', value: 1 })).toBe(null)
})

test('the table shows every figure with its threshold, its aim and the verdict, and tables under them', () => {
  const table = toTable([
    {
      scenario: 'intake',
      figures: [
        { name: 'accepted webhooks', value: 5123.4, unit: '/s' },
        { name: 'of an empty handler', value: 0.2149, unit: '', threshold: { atLeast: 0.22 }, aim: 0.35 },
      ],
      tables: {
        'as it goes': {
          columns: ['events', 'MiB'],
          rows: [
            [100, 61.27],
            [100_000, 9],
          ],
        },
      },
      notes: ['64 connections'],
    },
  ])
  expect(table).toBe(
    [
      'intake',
      '  accepted webhooks    5,123  /s',
      '  of an empty handler  0.215      >= 0.22 (aim 0.35)  MISS',
      '  as it goes',
      '     events   MiB',
      '        100  61.3',
      '    100,000     9',
      '  - 64 connections',
    ].join('\n'),
  )
})
