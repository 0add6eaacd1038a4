import { answer, route, run } from '@tributary/service-kit'
import { z } from 'zod'

// What the services' own HTTP server can do: ingest's process with a handler that does nothing with the body.
const receive = route({
  method: 'POST',
  path: '/api/v1/webhooks/events',
  summary: 'Takes a webhook in and forgets it.',
  access: { public: 'a benchmark' },
  rawBodyMaxBytes: 128 * 1024,
  answers: { 202: z.object({ status: z.literal('received') }) },
  handle: () => answer(202, { status: 'received' }),
})

const service = { name: 'ingest', routes: [receive], consumes: [], publishes: [], jobs: [] } as const

await run(() => service, z.object({}))
