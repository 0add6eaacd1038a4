import { expect, it } from 'vitest'
import { fuzz } from './fuzzing.ts'

const CASES = 100_000

it(`${CASES} requests of every kind break nothing`, async () => {
  const startedAt = performance.now()
  const tally = await fuzz(CASES)
  console.log(`fuzz: ${JSON.stringify(tally)} in ${Math.round((performance.now() - startedAt) / 1_000)} s`)
  expect(tally.accepted).toBeGreaterThan(CASES / 100)
}, 1_800_000)
