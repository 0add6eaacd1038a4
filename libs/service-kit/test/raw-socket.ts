import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** `statuses` are those of all answers that came, in order; the others are of the first. */
export type RawAnswer = Readonly<{ status: number; headers: string; body: string; statuses: readonly number[] }>
type Step = string | Buffer | Readonly<{ waitMs: number }>

/**
 * Writes bytes to a server as they are and answers what came back until it closed or fell silent for `patienceMs`; status 0
 * for nothing. `hangUp` ends the connection after the last step instead; `toEnd` reads on after the first answer.
 */
export async function sendRaw(
  url: string,
  steps: readonly Step[],
  {
    hangUp = false,
    toEnd = false,
    patienceMs = 3_000,
  }: { hangUp?: boolean; toEnd?: boolean; patienceMs?: number } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.on('error', () => {})
  const chunks: Buffer[] = []
  const done = Promise.withResolvers<void>()
  socket.on('data', (chunk) => {
    chunks.push(chunk)
    if (!toEnd && isWhole(Buffer.concat(chunks).toString('latin1'))) done.resolve()
  })
  socket.once('close', () => done.resolve())
  for (const step of steps) {
    if (typeof step === 'object' && 'waitMs' in step) await sleep(step.waitMs)
    else if (!socket.destroyed) socket.write(step)
  }
  if (hangUp) socket.destroy()
  const timeout = setTimeout(() => done.resolve(), patienceMs)
  await done.promise
  clearTimeout(timeout)
  socket.destroy()
  const text = Buffer.concat(chunks).toString('utf8')
  const [head = '', body = ''] = text.split('\r\n\r\n', 2)
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]))
  return { status: statuses[0] ?? 0, headers: head.toLowerCase(), body, statuses }
}

function isWhole(text: string): boolean {
  const length = /content-length: (\d+)/i.exec(text)?.[1]
  const start = text.indexOf('\r\n\r\n')
  return length !== undefined && start >= 0 && text.length - start - 4 >= Number(length)
}
