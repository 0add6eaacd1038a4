/** What a process keeps, in MiB: objects that JavaScript can still reach, and the bytes of its buffers. */
export type Heap = Readonly<{ objects: number; buffers: number }>

export type Inspector = Readonly<{
  /** Collects all garbage first, so that only what is kept counts. */
  keptHeap(): Promise<Heap>
  close(): void
}>

/** How to start a process for `openInspector`: as an argument of node, or in NODE_OPTIONS. */
export const inspectAt = (port: number): string => `--inspect=127.0.0.1:${port}`

/** Talks to a running Node process by its debugger's protocol. */
export async function openInspector(port: number): Promise<Inspector> {
  const answer = await fetch(`http://127.0.0.1:${port}/json/list`)
  const [target] = (await answer.json()) as { webSocketDebuggerUrl: string }[]
  if (target === undefined) throw new Error('the process has nothing to inspect')
  const socket = new WebSocket(target.webSocketDebuggerUrl)
  const waiting = new Map<number, (message: Omit<Answer, 'id'>) => void>()
  socket.addEventListener('message', ({ data }) => {
    const { id, ...message } = JSON.parse(String(data)) as Answer
    waiting.get(id)?.(message)
    waiting.delete(id)
  })
  socket.addEventListener('close', () => {
    for (const answer of waiting.values()) answer({ error: { message: 'the inspected process ended' } })
  })
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', () => reject(new Error('the debugger of the process cannot be reached')))
  })
  let last = 0
  const ask = (method: string) =>
    new Promise<Usage | undefined>((resolve, reject) => {
      const id = ++last
      waiting.set(id, ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result)))
      socket.send(JSON.stringify({ id, method }))
    })
  return {
    async keptHeap() {
      await ask('HeapProfiler.collectGarbage')
      const usage = await ask('Runtime.getHeapUsage')
      if (usage === undefined) throw new Error('the process does not tell its heap')
      const { usedSize, backingStorageSize = 0 } = usage
      return { objects: usedSize / 2 ** 20, buffers: backingStorageSize / 2 ** 20 }
    },
    close: () => socket.close(),
  }
}

type Usage = Readonly<{ usedSize: number; backingStorageSize?: number }>
type Answer = Readonly<{ id: number; result?: Usage; error?: Readonly<{ message: string }> }>
