import { readFile } from 'node:fs/promises'
import { query } from '@tributary/database'
import { testDatabase } from '@tributary/testing'
import { expect, test } from 'vitest'
import { beginning, everything } from '../src/store/checks/check.ts'
import { fullChecks, newEntryChecks, touchedPositionChecks } from '../src/store/checks.ts'
import { usualConditions } from '../src/store/verify-books.ts'

/** Tables that no money is read from, each with the reason. */
const besideTheBooks: Readonly<Record<string, string>> = {
  command_keys: 'answers to repeated commands',
  inbox: 'which messages were handled; causes keep money from moving twice',
  outbox: 'what is said; nothing here is decided by it',
  relay_checkpoints: 'how far the outbox was published',
  parked_messages: 'messages that wait for a person',
  heard_configs: 'the plan, which decides what may be asked for, never what is posted',
  migrations: 'which migrations were applied',
  migrations_lock: 'the same',
  verifications: 'what was found, for people to read',
  verification_progress: 'how far incremental verification has come; everything is verified without it',
  verified_rewards: 'what incremental verification has added up; everything is verified without it',
  verified_cashouts: 'the same',
  outstanding_settlements: 'what providers are reminded of; the balances of their accounts say what is not settled',
  provider_references: 'other names of cashouts, to match lines by; a match is posted, and then looked at',
}

/** Looked at by checks that need more than SQL, or by the part that owns them. */
const checkedElsewhere: Readonly<Record<string, string>> = {
  checkpoints: 'steps/proof-checks.ts: signatures, and the chain they sign',
}

test('every table of the ledger is looked at by a check, or is none that money is read from', async () => {
  const { db } = await testDatabase('ledger')
  const tables = await query<{ name: string }>(
    db,
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by relname`,
  )
  const all = fullChecks.map(({ sql }) => sql({ ...usualConditions, range: everything })).join('\n')
  const isLookedAt = (name: string) => new RegExp(`\\b(from|join) ${name}\\b`).test(all)
  const listed = { ...besideTheBooks, ...checkedElsewhere }
  expect(tables.map(({ name }) => name).filter((name) => !isLookedAt(name) && !(name in listed))).toEqual([])
  // And the other way round: the list must not hide one that is checked, nor name one that is gone.
  expect(Object.keys(listed).filter((name) => isLookedAt(name) || !tables.some((one) => one.name === name))).toEqual([])
  expect(tables.length).toBeGreaterThan(15)
})

test('the page for operators says of every check what its failure means', async () => {
  const page = await readFile(new URL('../../../docs/operations/books-do-not-balance.md', import.meta.url), 'utf8')
  const names = [...fullChecks, ...newEntryChecks, ...touchedPositionChecks].map(({ name }) => name)
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})

test('what is looked at from the beginning on is everything', () => {
  expect(everything).toEqual({ after: beginning, upTo: 'infinity' })
})
