import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { giveUpUnlessWorking } from './unreadable.ts'

/**
 * Ends connections while the server closes, so that none keeps it from ending: idle ones at once, which would else stay
 * for their keep-alive time, and after `patienceMs` those whose request is still on its way, or whose answer nobody reads.
 * Node itself gives those up only while it is not closing. A request that was taken gets its answer.
 */
export function letGoWhenClosing(app: FastifyInstance, patienceMs: number): void {
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  let sweep: NodeJS.Timeout | undefined
  app.addHook('preClose', (done) => {
    const since = performance.now()
    sweep = setInterval(() => {
      app.server.closeIdleConnections()
      if (performance.now() - since > patienceMs) for (const socket of sockets) giveUpUnlessWorking(socket)
    }, 50)
    done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (sweep !== undefined) reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('onClose', async () => clearInterval(sweep))
}
