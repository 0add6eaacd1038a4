import { expect, it } from 'vitest'
import { fuzz } from './fuzzing.ts'

/** `npm run fuzz` sends a hundred thousand. */
const CASES = 5_000

it('whatever is sent, it is refused with a reason or stored, never blamed on us, and what is refused leaves no row', async () => {
  const tally = await fuzz(CASES)
  console.log(`fuzz: ${JSON.stringify(tally)}`)
  const { statuses } = tally
  // A fuzz that never came past the signature, or never was refused by it, would have shown nothing.
  for (const status of [202, 401, 405, 409, 413, 415, 422])
    expect(statuses[status] ?? 0, String(status)).toBeGreaterThan(0)
  expect(tally.accepted).toBeGreaterThan(CASES / 100)
}, 120_000)
