import { type Database, query, type Transaction } from '@tributary/database'
import { whereOf } from './filter.ts'

export type User = Readonly<{
  id: string
  externalId: string
  email: string | null
  name: string | null
  createdAt: Date
  /** Since when their data is gone; the external id is a stand-in then. */
  erasedAt: Date | null
}>

export type NewUser = Omit<User, 'createdAt' | 'erasedAt'>

const columns = 'id, external_id as "externalId", email, name, created_at as "createdAt", erased_at as "erasedAt"'

/** Creates those who are unknown and answers everyone, by external id; `created` holds the ids of the new. */
export async function findOrCreateUsers(
  tx: Transaction,
  users: readonly NewUser[],
  now: Date,
): Promise<{ users: Map<string, User>; created: Set<string> }> {
  const externalIds = users.map((user) => user.externalId)
  const found = await listByExternalId(tx, externalIds)
  const missing = users.filter((user) => !found.has(user.externalId))
  const created = new Set<string>()
  if (missing.length > 0) {
    const rows = await query<User>(
      tx,
      `insert into users (id, external_id, email, name, created_at)
       select new.*, ?::timestamptz
       from unnest(?::uuid[], ?::text[], ?::text[], ?::text[]) as new (id, external_id, email, name)
       order by external_id
       on conflict on constraint users_one_per_external_id do nothing
       returning ${columns}`,
      [
        now,
        missing.map((user) => user.id),
        missing.map((user) => user.externalId),
        missing.map((user) => user.email),
        missing.map((user) => user.name),
      ],
    )
    for (const row of rows) {
      found.set(row.externalId, row)
      created.add(row.id)
    }
    // Somebody else created them in between, and has committed.
    const others = missing.map((user) => user.externalId).filter((id) => !found.has(id))
    if (others.length > 0) for (const [id, user] of await listByExternalId(tx, others)) found.set(id, user)
  }
  return { users: found, created }
}

async function listByExternalId(tx: Transaction, externalIds: readonly string[]): Promise<Map<string, User>> {
  const rows = await query<User>(tx, `select ${columns} from users where external_id = any(?::text[])`, [externalIds])
  return new Map(rows.map((row) => [row.externalId, row]))
}

export type Profile = Readonly<{ userId: string; email: string | null; name: string | null }>

/** Fills in what was not known; what is known stays. Of several profiles of one user, the first that tells something counts. */
export async function completeUsers(tx: Transaction, all: readonly Profile[]): Promise<void> {
  const merged = new Map<string, Profile>()
  for (const { userId, email, name } of all) {
    const known = merged.get(userId)
    merged.set(userId, { userId, email: known?.email ?? email, name: known?.name ?? name })
  }
  const profiles = [...merged.values()]
  await query(
    tx,
    // Locked sorted first, or two that know the same people would wait for each other.
    `with new as (select * from unnest(?::uuid[], ?::text[], ?::text[]) as one (id, email, name)),
       locked as (select id from users where id in (select id from new) order by id for no key update)
     update users set email = coalesce(users.email, new.email), name = coalesce(users.name, new.name)
     from new join locked using (id) where users.id = new.id and erased_at is null`,
    [profiles.map((one) => one.userId), profiles.map((one) => one.email), profiles.map((one) => one.name)],
  )
}

export async function findUser(db: Database | Transaction, id: string): Promise<User | null> {
  const [row] = await query<User>(db, `select ${columns} from users where id = ?`, [id])
  return row ?? null
}

/** Locks a user for being erased, or (`share`) against it; answers null where there is none. */
export async function lockUser(tx: Transaction, id: string, how: 'update' | 'share'): Promise<User | null> {
  const [row] = await query<User>(tx, `select ${columns} from users where id = ? for ${how}`, [id])
  return row ?? null
}

/** Locks these users against being erased, sorted, and answers who there is, by external id. */
export async function lockUsersByExternalId(
  tx: Transaction,
  externalIds: readonly string[],
): Promise<Map<string, User>> {
  const rows = await query<User>(
    tx,
    `select ${columns} from users where external_id = any(?::text[]) order by id for share`,
    [externalIds],
  )
  return new Map(rows.map((row) => [row.externalId, row]))
}

export type UserFilter = Readonly<{
  externalId?: string | undefined
  email?: string | undefined
  /** False for those only whose data is there. */
  isErased?: false
  /** Only who was created before this one. */
  before?: string | undefined
  limit: number
}>

/** The newest first. */
export async function listUsers(db: Database, filter: UserFilter): Promise<User[]> {
  const { clause, bindings } = whereOf([
    ['external_id = ?', filter.externalId],
    ['lower(email) = lower(?)', filter.email],
    ['(erased_at is null) <> ?', filter.isErased],
    ['id < ?', filter.before],
  ])
  return await query<User>(db, `select ${columns} from users ${clause} order by id desc limit ?`, [
    ...bindings,
    filter.limit,
  ])
}
