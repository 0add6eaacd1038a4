import { query, type Transaction } from '@tributary/database'
import { defer, type TestDatabase, until } from '@tributary/testing'

/** Who was stopped: the name its process gave its connections, and PostgreSQL's process that works for it. */
export type Caught = Readonly<{ who: string; pid: number }>

/** Stops the next posting that comes by, while it holds all that it holds there. */
export type Trap = Readonly<{ caught(): Promise<Caught>; release(): Promise<void> }>

/**
 * Where a posting can be stopped, without the service's help: a table is locked against what it does next. In the order of
 * its work; the first one is before it has the ledger's lock.
 */
const locks = {
  'before it remembers its messages': 'lock table inbox in share mode',
  'with the lock, before it has loaded': 'lock table causes in access exclusive mode',
  'with all loaded, before it has written': 'lock table causes in share mode',
  'in the middle of post_batch': 'lock table ledger_entries in share mode',
  'with all written, before it has told anybody': 'lock table outbox in share mode',
  'in the middle of its commit': 'select pg_advisory_xact_lock(4711)',
} as const

export type Step = keyof typeof locks
export const steps = Object.keys(locks) as readonly Step[]

/** Lays a trap at a step; once a test, for the commit needs a trigger. Gone with the test. */
export async function trapAt(step: Step, { db }: TestDatabase): Promise<Trap> {
  if (step === 'in the middle of its commit') await stopAtCommit(db)
  const tx = await db.transaction()
  const release = async () => {
    if (!tx.isCompleted()) await tx.rollback()
  }
  defer(release)
  await tx.raw(locks[step])
  return { caught: () => whoWaits(tx), release }
}

async function stopAtCommit(db: TestDatabase['db']): Promise<void> {
  await db.raw(`create function stop_at_commit() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(4711); return null; end $$`)
  await db.raw(`create constraint trigger stops_at_commit after insert on batches deferrable initially deferred
    for each row execute function stop_at_commit()`)
  defer(() => db.raw('drop function stop_at_commit cascade'))
}

/** A job that reads may wait, too; a posting holds the ledger's lock, or has not come as far as that. */
function whoWaits(tx: Transaction): Promise<Caught> {
  return until('a posting to be caught', async () => {
    const [found] = await query<Caught>(
      tx,
      `select a.application_name as who, a.pid from pg_locks l join pg_stat_activity a using (pid)
       where not l.granted and pg_backend_pid() = any (pg_blocking_pids(l.pid)) and (l.relation = to_regclass('inbox')
         or exists (select from pg_locks held where held.pid = l.pid and held.granted and held.locktype = 'advisory'
           and (held.classid::bigint << 32 | held.objid::bigint) = hashtextextended('ledger', 0)))
       limit 1`,
    )
    return found
  })
}
