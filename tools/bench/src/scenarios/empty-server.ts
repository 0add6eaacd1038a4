import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'

// What the HTTP server alone can do: reads and parses the body, answers, and does nothing else.
const app = Fastify({ logger: false })
app.post('/api/v1/webhooks/events', async (_request, reply) => {
  reply.code(202)
  return { status: 'received' }
})
await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`)
