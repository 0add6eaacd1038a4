/** Runs work, at most so much of it at the same time; the rest waits, in the order in which it came. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

export function newTurns(max: number): InTurn {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    // A turn that ends is handed on, so nobody who comes meanwhile overtakes.
    if (running < max) running++
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
