import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { digestsOfDay } from '../store/digests.ts'

const DAY_MS = 86_400_000
/** What was received before midnight is committed by then: a commit is given up after seconds, and clocks differ by less. */
const SETTLING_MS = 300_000

export const getDigest = route({
  method: 'GET',
  path: '/api/v1/webhooks/digest',
  summary:
    'Which webhooks were accepted on a day, as a count and a hash, for a sender to compare; see docs/receipts.md.',
  access: { scope: 'webhooks:read' },
  query: z.object({ date: z.iso.date().meta({ description: 'A day in UTC, by when webhooks were received.' }) }),
  answers: {
    200: z.object({
      date: z.iso.date(),
      isFinal: z.boolean().meta({ description: 'False until five minutes after the day: it may still grow.' }),
      items: z.array(
        z.object({
          source: z.string(),
          count: z.int().min(0),
          sha256: z
            .hex()
            .length(64)
            .meta({ description: 'Over the webhook ids, sorted by their bytes, each followed by a line feed.' }),
        }),
      ),
    }),
  },

  async handle({ query: { date } }, { db, now }) {
    const day = new Date(`${date}T00:00:00Z`)
    const asked = now().getTime()
    // No calendar of PostgreSQL's has a year 0.
    if (day.getUTCFullYear() < 1) {
      throw new Problem('payload_invalid', { errors: [{ path: '/query/date', message: 'lies before the year 1' }] })
    }
    if (day.getTime() > asked) {
      throw new Problem('payload_invalid', { errors: [{ path: '/query/date', message: 'lies in the future' }] })
    }
    const isFinal = asked >= day.getTime() + DAY_MS + SETTLING_MS
    return answer(200, { date, isFinal, items: await digestsOfDay(db, day) })
  },
})
