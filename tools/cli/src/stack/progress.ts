/** Prints steps with the seconds since the command began. */
export interface Progress {
  readonly begun: number
  readonly step: (text: string) => void
  /** Says every five seconds that we still wait, for as long as `work` takes. */
  readonly during: <T>(what: () => string, work: Promise<T>) => Promise<T>
}

export function newProgress(begun: number): Progress {
  const step = (text: string) => console.log(`${((Date.now() - begun) / 1000).toFixed(1).padStart(6)}s  ${text}`)
  return {
    begun,
    step,
    async during(what, work) {
      const timer = setInterval(() => step(`waiting for ${what()}`), 5_000)
      try {
        return await work
      } finally {
        clearInterval(timer)
      }
    },
  }
}
