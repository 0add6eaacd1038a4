import { type Database, inTransaction, query, type Transaction } from '@tributary/database'
import { leaseSize } from '../domain/quota.ts'
import { findQuota } from './system-configs.ts'
import { findUsage, lockMonth } from './usage.ts'

/** For so long after the database granted it a lease is reserved; a process stops using it after half of that. */
export const LEASE_SECONDS = 60

export type LeaseRequest = Readonly<{
  process: string
  month: string
  /** How many events wait for it; it is given more where there is more. */
  wanted: number
  /** What this process was given before and has not used, or used for events of which it does not know yet whether they are stored. */
  outstanding: number
}>

/** `unlimited`: nothing has to be asked for. */
export type Lease = Readonly<{ kind: 'unlimited' } | { kind: 'leased'; granted: number; size: number }>

/**
 * Grants a process some of what is left of a month's quota, less near its end, none after it. What is counted and what all
 * processes hold never exceeds the quota, since whoever grants looks at all of that behind one lock. An event that is just
 * being stored may be counted twice here, which grants too little for a moment, never too much.
 */
export async function leaseQuota(db: Database, { process, month, wanted, outstanding }: LeaseRequest): Promise<Lease> {
  // Without a limit nobody has to wait for anybody.
  if ((await findQuota(db)) === null) return { kind: 'unlimited' }
  return await inTransaction(db, async (tx) => {
    await lockMonth(tx, month)
    const quota = await findQuota(tx)
    if (quota === null) return { kind: 'unlimited' }
    const { used } = await findUsage(tx, month)
    const reserved = await sumReserved(tx, month, process)
    const size = leaseSize(quota)
    const granted = Math.max(0, Math.min(Math.max(size, wanted), quota - used - reserved - outstanding))
    await query(
      tx,
      `insert into quota_leases (process, month, units, expires_at)
       values (?, ?, ?, clock_timestamp() + make_interval(secs => ?))
       on conflict (process, month) do update set units = excluded.units, expires_at = excluded.expires_at`,
      [process, month, outstanding + granted, LEASE_SECONDS],
    )
    return { kind: 'leased', granted, size }
  })
}

/** What processes hold of a month, apart from the one that asks. */
export async function sumReserved(tx: Transaction, month: string, except: string | null): Promise<number> {
  const [row] = await query<{ units: number }>(
    tx,
    `select coalesce(sum(units), 0)::float8 as units from quota_leases
     where month = ?::date and expires_at > clock_timestamp() and process is distinct from ?::uuid`,
    [month, except],
  )
  return row?.units ?? 0
}

/** A process that ends lets others have what it did not use. */
export async function giveBackLeases(db: Database, process: string): Promise<void> {
  await query(db, 'delete from quota_leases where process = ?::uuid', [process])
}

/** Forgets those that ended long ago. */
export async function deleteEndedLeases(tx: Transaction): Promise<void> {
  await query(tx, `delete from quota_leases where expires_at < clock_timestamp() - interval '1 hour'`)
}
