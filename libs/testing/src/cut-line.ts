import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { defer } from './undo.ts'

/** A TCP line to a server that tests can hurt. */
export type CutLine = Readonly<{
  /** The server's URL, leading through the line. */
  url: string
  /** Breaks every connection, and refuses new ones until mended. */
  cut(): void
  /** Keeps connections open but carries nothing, as a machine that lost its network does; new ones are taken, and stay silent. */
  freeze(): void
  /** Everything takes this much longer, each way. */
  delay(ms: number): void
  /** Carries again, without delay. What a frozen line held back arrives now. */
  mend(): void
  /** How many connections lead through it now. */
  connections(): number
}>

type State = 'open' | 'cut' | 'frozen'

/** Lays a line to the server of a URL (postgres, amqp, http); gone with the test. */
export async function cutLine(targetUrl: string): Promise<CutLine> {
  const target = new URL(targetUrl)
  let state: State = 'open'
  let delayMs = 0
  let change = Promise.withResolvers<void>()
  const pairs = new Set<readonly [Socket, Socket]>()

  const turn = (next: State) => {
    state = next
    change.resolve()
    change = Promise.withResolvers()
  }
  const breakAll = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy()
  }

  /** One direction. What is read waits here while the line is slow or frozen, so order is kept. */
  async function carry(from: Socket, to: Socket): Promise<void> {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      if (delayMs > 0) await sleep(delayMs)
      while (state === 'frozen') await change.promise
      if (!to.write(chunk)) await new Promise((resolve) => to.once('drain', resolve).once('close', resolve))
    }
    to.end()
  }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (state === 'cut') return void near.destroy()
    const far = connect({ host: target.hostname, port: Number(target.port), allowHalfOpen: true })
    const pair = [near, far] as const
    pairs.add(pair)
    for (const [one, other] of [pair, [far, near] as const]) {
      one.setNoDelay(true)
      one.on('error', () => {})
      one.once('close', () => {
        pairs.delete(pair)
        other.destroy()
      })
      carry(one, other).catch(() => other.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the line got no port')
  defer(() => {
    turn('cut')
    breakAll()
    server.close()
  })
  const url = new URL(targetUrl)
  url.host = `127.0.0.1:${address.port}`

  return {
    url: url.href,
    cut() {
      turn('cut')
      breakAll()
    },
    freeze: () => turn('frozen'),
    delay: (ms) => {
      delayMs = ms
    },
    mend() {
      delayMs = 0
      turn('open')
    },
    connections: () => pairs.size,
  }
}
