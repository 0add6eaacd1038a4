import { expect } from 'vitest'
import { type Status, statuses } from '../../src/domain/status.ts'
import type { Moved, Predicted } from './model.ts'

/** Counts what a run came to see: a generator that never gets somewhere proves nothing about it. */
export function newCoverage() {
  const counts = new Map<string, number>()
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1)
  return {
    see({ status, moves }: Predicted) {
      count(status)
      for (const { kind, from, to } of moves) count(movementOf({ kind, from, to }))
    },
    /** Fails on any answer of the ledger's, and any of these movements, that never occurred. */
    expectAll(movements: readonly Pick<Moved, 'kind' | 'from' | 'to'>[]) {
      const wanted = [...(Object.keys(statuses) as Status[]), ...movements.map(movementOf)]
      expect(wanted.filter((what) => !counts.has(what))).toEqual([])
    },
  }
}

const movementOf = ({ kind, from, to }: Pick<Moved, 'kind' | 'from' | 'to'>) => `${kind}: ${from} -> ${to}`
