import { openDatabase, query } from '@tributary/database'
import { v7 } from 'uuid'
import { expect, onTestFinished, test } from 'vitest'
import { brokenInvariants } from './model/invariants.ts'
import { openLedger, type Request, request } from './rig.ts'

const WRITERS = 3
const ROUNDS = 6

/** A user's whole life, mixed with those of others: whatever a reader sees of it must be whole. */
function lifeOf(userId: string): Request[] {
  const earned = request('earn', { userId, amount: 100n })
  const again = request('earn', { userId, amount: 60n })
  const [paid, failed] = [request('reserve', { userId, amount: 50n }), request('reserve', { userId, amount: 40n })]
  const step = <K extends Request['kind']>(of: Request, kind: K, changes: Partial<Request> = {}) =>
    ({ ...of, kind, causeId: v7(), ...changes }) as Request
  return [
    ...[earned, step(earned, 'release'), paid, failed, step(paid, 'settle'), step(earned, 'hold', { sequence: 1 })],
    ...[again, step(earned, 'reverse', { amount: 90n }), step(again, 'release'), step(failed, 'return')],
    ...[step(earned, 'resume', { sequence: 2 }), step(paid, 'bounce'), step(again, 'reverse', { amount: 10n })],
  ]
}

test('while several write, every snapshot balances, nobody is below zero, and each balance is the sum of its entries', async () => {
  const { database, db, post } = await openLedger()
  const reader = openDatabase({ url: database.url, applicationName: 'reader', poolMax: 1 })
  onTestFinished(() => reader.destroy())
  let writing = true
  const instants = new Set<string>()

  async function read(): Promise<void> {
    while (writing) {
      await reader.transaction(
        async (tx) => {
          const [head] = await query<{ batch: string }>(tx, 'select batch::text as batch from ledger_head')
          instants.add(head!.batch)
          expect(await brokenInvariants(tx)).toEqual([])
        },
        { isolationLevel: 'repeatable read', readOnly: true },
      )
    }
  }

  async function write(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      const lives = Array.from({ length: 3 }, () => lifeOf(v7()))
      // Step by step, so that a snapshot can fall between any two of them.
      for (let at = 0; at < lives[0]!.length; at++) {
        const outcomes = await post(...lives.map((life) => life[at]!))
        expect(outcomes.filter(({ kind }) => kind === 'not_yet')).toEqual([])
      }
    }
  }

  const written = Promise.all(Array.from({ length: WRITERS }, write)).finally(() => {
    writing = false
  })
  await Promise.all([written, read()])
  // Snapshots of different moments, or this has seen nothing.
  expect(instants.size).toBeGreaterThan(10)
  expect(await brokenInvariants(db)).toEqual([])
}, 60_000)
