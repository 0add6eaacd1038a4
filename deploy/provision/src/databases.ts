import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ServiceName, serviceNames } from '@tributary/contracts'
import { type Database, listMigrations, type Migration, migrate, openDatabase, query } from '@tributary/database'

export type ProvisionDatabaseOptions = Readonly<{
  /** Of a role that may create roles and databases. */
  adminUrl: string
  service: ServiceName
  /** Passwords of the two roles of this service. */
  ownerPassword: string
  password: string
  /** First part of the names of databases and roles. */
  prefix?: string
}>

const PREFIX = 'tributary'
const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Folders of plain SQL that make a service's database, in the order in which they apply. */
export function migrationFolders(service: ServiceName): string[] {
  return ['libs/messaging/migrations', 'libs/service-kit/migrations', `services/${service}/src/store/migrations`]
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
}

export function migrationsOf(service: ServiceName): Promise<Migration[]> {
  return listMigrations(migrationFolders(service))
}

/** The same server, another database and role. */
export function databaseUrl(adminUrl: string, parts: { database: string; user: string; password: string }): string {
  const url = new URL(adminUrl)
  url.pathname = `/${encodeURIComponent(parts.database)}`
  url.username = encodeURIComponent(parts.user)
  url.password = encodeURIComponent(parts.password)
  return url.toString()
}

/**
 * Makes a service's database with its two roles: an owner that migrations run as, and the one the service works as,
 * which gets exactly what the migrations grant. Then applies the migrations that are missing. Run again, it only
 * brings passwords and migrations up to date. Answers the URL the service works with.
 */
export async function provisionDatabase(options: ProvisionDatabaseOptions): Promise<{ url: string; ownerUrl: string }> {
  const { adminUrl, service, ownerPassword, password, prefix = PREFIX } = options
  const database = `${prefix}_${service}`
  const owner = `${database}_owner`
  const admin = openDatabase({ url: adminUrl, applicationName: 'tributary-provision', poolMax: 1 })
  try {
    await ensureRole(admin, owner, ownerPassword)
    await ensureRole(admin, database, password)
    await ensureDatabase(admin, database, owner)
  } finally {
    await admin.destroy()
  }
  await lockDown(adminUrl, database, owner)
  const ownerUrl = databaseUrl(adminUrl, { database, user: owner, password: ownerPassword })
  const db = openDatabase({
    url: ownerUrl,
    applicationName: 'tributary-migrate',
    poolMax: 2,
    statementTimeoutMs: 60_000,
  })
  try {
    await migrate(db, await migrationsOf(service), database)
    // Whether its migrations are applied is what /readyz answers with.
    await query(db, `grant select on migrations to ${quote(database)}`)
  } finally {
    await db.destroy()
  }
  return { url: databaseUrl(adminUrl, { database, user: database, password }), ownerUrl }
}

async function ensureRole(admin: Database, role: string, password: string): Promise<void> {
  const known = await query(admin, 'select from pg_roles where rolname = ?', [role])
  const verb = known.length > 0 ? 'alter' : 'create'
  await query(
    admin,
    `${verb} role ${quote(role)} login noinherit nosuperuser nocreatedb nocreaterole password ${literal(password)}`,
  )
  for (const [name, value] of texts) await query(admin, `alter role ${quote(role)} set ${name} = ${literal(value)}`)
}

/** How the database writes values as text. A server may be set otherwise for its other users; ours read these. */
const texts = [
  ['datestyle', 'ISO'],
  ['intervalstyle', 'postgres'],
  ['timezone', 'UTC'],
  ['bytea_output', 'hex'],
  ['extra_float_digits', '1'],
] as const

async function ensureDatabase(admin: Database, database: string, owner: string): Promise<void> {
  const known = await query(admin, 'select from pg_database where datname = ?', [database])
  if (known.length > 0) return
  // PostgreSQL 16 and on: who is no superuser must be a member of a role to give it something.
  await query(admin, `grant ${quote(owner)} to current_user`)
  await query(admin, `create database ${quote(database)} owner ${quote(owner)} template template0 encoding 'UTF8'`)
}

/** Only the two roles may connect, and only the owner may make things. */
async function lockDown(adminUrl: string, database: string, owner: string): Promise<void> {
  const url = new URL(adminUrl)
  url.pathname = `/${database}`
  const db = openDatabase({ url: url.toString(), applicationName: 'tributary-provision', poolMax: 1 })
  try {
    await query(db, `revoke all on database ${quote(database)} from public`)
    await query(db, `grant connect on database ${quote(database)} to ${quote(database)}`)
    await query(db, `alter schema public owner to ${quote(owner)}`)
    await query(db, 'revoke all on schema public from public')
    await query(db, `grant usage on schema public to ${quote(database)}`)
  } finally {
    await db.destroy()
  }
}

/** Provisions the databases of all services; answers the URL each of them works with. */
export async function provisionDatabases(
  adminUrl: string,
  passwordOf: (role: string) => string,
  prefix: string = PREFIX,
): Promise<Record<ServiceName, { url: string; ownerUrl: string }>> {
  const entries: [ServiceName, { url: string; ownerUrl: string }][] = []
  // One after the other: CREATE DATABASE takes a lock on its template.
  for (const service of serviceNames) {
    const role = `${prefix}_${service}`
    const passwords = { ownerPassword: passwordOf(`${role}_owner`), password: passwordOf(role) }
    entries.push([service, await provisionDatabase({ adminUrl, service, prefix, ...passwords })])
  }
  return Object.fromEntries(entries) as Record<ServiceName, { url: string; ownerUrl: string }>
}

/** Removes the databases and roles that `provisionDatabases` made. */
export async function dropDatabases(adminUrl: string, prefix: string = PREFIX): Promise<void> {
  const admin = openDatabase({ url: adminUrl, applicationName: 'tributary-provision', poolMax: 1 })
  try {
    for (const service of serviceNames) {
      const database = `${prefix}_${service}`
      await query(admin, `drop database if exists ${quote(database)} with (force)`)
      for (const role of [database, `${database}_owner`]) await query(admin, `drop role if exists ${quote(role)}`)
    }
  } finally {
    await admin.destroy()
  }
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
// DDL takes no bound values, and knex reads `?` as one.
const literal = (text: string): string => `'${text.replaceAll("'", "''").replaceAll('?', '\\?')}'`
