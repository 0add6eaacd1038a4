import { expect, test } from 'vitest'
import { growth, slope } from './soak-probe.ts'

test('a memory that swings and does not grow is flat; one that grows is told by how much', () => {
  const swinging = Array.from({ length: 30 }, (_, index) => 100 + (index % 3))
  expect(growth(swinging)).toBe(1)
  // The second third around 15, the last around 25.
  const growing = Array.from({ length: 30 }, (_, index) => index)
  expect(growth(growing)).toBeCloseTo(25 / 15)
})

test('the slope is that of the second half, per 100,000 events', () => {
  const samples = Array.from({ length: 30 }, (_, index) => ({ events: (index + 1) * 50_000 }))
  const values = samples.map(({ events }, index) => (index < 15 ? 1_000 : events / 50_000))
  expect(slope(samples, values)).toBeCloseTo(2)
})
