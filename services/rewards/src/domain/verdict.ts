/** How an event ended: with effects, or without and why. */
export type Verdict =
  | Readonly<{ outcome: 'processed'; reason: null }>
  | Readonly<{ outcome: 'ignored'; reason: string }>

export const processed: Verdict = Object.freeze({ outcome: 'processed', reason: null })
export const ignoredFor = (reason: string): Verdict => ({ outcome: 'ignored', reason })
