import { timeField } from '@tributary/contracts'
import { Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { exportEvents as exportLines } from '../steps/export-events.ts'

/** Streams at the pace of whoever reads: the memory it takes does not depend on how much there is. */
export const exportEvents = route({
  method: 'GET',
  path: '/api/v1/webhooks/events/export',
  summary: 'The journal of a time, oldest first, with bodies as they came and what became of each event.',
  access: { scope: 'webhooks:export' },
  query: z.object({
    from: timeField.meta({ description: 'Received at this time or later.' }),
    to: timeField.meta({ description: 'Received before this time.' }),
  }),
  answers: { 200: z.string().meta({ description: 'One JSON object a line; docs/journal.md says which.' }) },
  streams: 'application/x-ndjson',

  handle({ query: { from, to } }, { db }) {
    const [start, end] = [new Date(from), new Date(to)]
    if (end <= start)
      throw new Problem('payload_invalid', { errors: [{ path: '/query/to', message: 'is not after from' }] })
    return { status: 200, filename: 'tributary-journal.ndjson', chunks: exportLines(db, start, end) }
  },
})
