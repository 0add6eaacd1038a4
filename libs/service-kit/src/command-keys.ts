import { createHash } from 'node:crypto'
import { query, type Transaction } from '@tributary/database'
import type { FastifyRequest } from 'fastify'
import { singleHeader } from './auth.ts'
import { canonicalJson } from './json.ts'
import { Problem } from './problem.ts'
import type { InTransaction } from './route.ts'

/** A command as its sender repeats it: who, under which key, and what exactly. */
export type Command = Readonly<{ principal: string; key: string; fingerprint: Buffer }>

/** An answer as it went over the wire, to be given again. */
export type StoredAnswer = Readonly<{ status: number; body: string | null; headers: Readonly<Record<string, string>> }>

/** Reads a request as a command. The fingerprint is over what the body says, not over its blanks and key order. */
export function readCommand(request: FastifyRequest, principal: string): Command {
  const key = singleHeader(request, 'idempotency-key')
  if (key === null || key === '') throw new Problem('idempotency_key_missing')
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new Problem('payload_invalid', {
      errors: [{ path: '/headers/idempotency-key', message: 'must be 1 to 255 printable ASCII characters' }],
    })
  }
  const fingerprint = createHash('sha256').update(`${request.method}\n${request.url}\n`)
  fingerprint.update(Buffer.isBuffer(request.body) ? request.body : canonicalJson(request.body))
  return { principal, key, fingerprint: fingerprint.digest() }
}

/**
 * Runs a command once. Its key, its effects and its answer commit in one transaction, so:
 *
 *   same key and content, done before        the stored answer, nothing runs
 *   same key and content, at the same time   the second waits for the first, then as above (or runs, if that failed)
 *   same key, other content                  409 idempotency_conflict
 *   refused (a Problem thrown) or failed     nothing is kept, the key neither: a later try is judged anew
 */
export async function runOnce(
  command: Command,
  transaction: InTransaction,
  now: () => Date,
  run: (inSameTransaction: InTransaction) => Promise<StoredAnswer>,
): Promise<StoredAnswer & { replayed: boolean }> {
  return transaction(async (tx, publish) => {
    if (!(await claim(tx, command, now()))) return { ...(await find(tx, command)), replayed: true }
    const answer = await run((step) => step(tx, publish))
    await store(tx, command, answer)
    return { ...answer, replayed: false }
  })
}

/** False when the key is taken. Waits while another transaction holds it, at most the database's lock timeout. */
async function claim(tx: Transaction, { principal, key, fingerprint }: Command, now: Date): Promise<boolean> {
  const rows = await query(
    tx,
    `insert into command_keys (principal, key, fingerprint, created_at) values (?, ?, ?, ?)
     on conflict do nothing returning key`,
    [principal, key, fingerprint, now],
  )
  return rows.length === 1
}

async function find(tx: Transaction, { principal, key, fingerprint }: Command): Promise<StoredAnswer> {
  const [row] = await query<StoredAnswer & { fingerprint: Buffer }>(
    tx,
    'select fingerprint, status, body, headers from command_keys where principal = ? and key = ?',
    [principal, key],
  )
  // A missing row was purged a moment ago; then too, nobody can say what was answered.
  if (row === undefined || !row.fingerprint.equals(fingerprint)) throw new Problem('idempotency_conflict')
  return { status: row.status, body: row.body, headers: row.headers }
}

async function store(tx: Transaction, { principal, key }: Command, answer: StoredAnswer): Promise<void> {
  await query(tx, 'update command_keys set status = ?, body = ?, headers = ? where principal = ? and key = ?', [
    answer.status,
    answer.body,
    JSON.stringify(answer.headers),
    principal,
    key,
  ])
}

/** How long a key is remembered. Senders retry for hours or days; a month leaves room for people. */
export const COMMAND_KEY_DAYS = 30

/** Forgets some keys that are too old; answers whether there may be more. */
export async function purgeCommandKeys(tx: Transaction, now: Date): Promise<boolean> {
  const batchMax = 1_000
  const rows = await query(
    tx,
    `delete from command_keys where (principal, key) in
       (select principal, key from command_keys where created_at < ?::timestamptz - make_interval(days => ?::int)
        order by created_at limit ?::int for update skip locked)
     returning 1`,
    [now, COMMAND_KEY_DAYS, batchMax],
  )
  return rows.length === batchMax
}
