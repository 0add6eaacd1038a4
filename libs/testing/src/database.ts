import { randomBytes } from 'node:crypto'
import type { ServiceName } from '@tributary/contracts'
import { type Database, openDatabase, openSession, query, type Session } from '@tributary/database'
import { databaseUrl, provisionDatabase } from '@tributary/provision'
import { inject } from 'vitest'
import { secretOf } from './administer.ts'
import type { TestServers } from './servers.ts'
import { defer } from './undo.ts'

/** A service's database, as migrated as it is in production and empty. */
export type TestDatabase = Readonly<{
  name: string
  /** As the service works. */
  url: string
  /** As migrations run. */
  ownerUrl: string
  /** May look at and break everything. */
  superuserUrl: string
  /** Connected as the superuser, to arrange and to look; closed by itself. */
  db: Database
}>

/**
 * A database of this service, gone with the test (or with the file, outside a test). Cloned from a template that is
 * migrated once a run.
 */
export async function testDatabase(service: ServiceName): Promise<TestDatabase> {
  const servers = inject('servers')
  const admin = await openSession({
    url: servers.postgresUrl,
    applicationName: 'tests',
    statementTimeoutMs: 60_000,
    lockTimeoutMs: 0,
  })
  try {
    const template = await templateOf(servers, service, admin)
    const name = `${template}_${randomBytes(4).toString('hex')}`
    await admin.query(`create database ${name} template ${template} owner ${template}_owner`)
    // A clone gets everything but who may connect.
    await admin.query(`revoke all on database ${name} from public`)
    await admin.query(`grant connect on database ${name} to ${template}`)
    return connectTo(servers, { template, name })
  } finally {
    await admin.end()
  }
}

async function templateOf(servers: TestServers, service: ServiceName, admin: Session): Promise<string> {
  const { postgresUrl: adminUrl, prefix } = servers
  const name = `${prefix}_${service}`
  const isReady = async () =>
    (await admin.query('select from pg_database where datname = $1 and datistemplate', [name])).rowCount === 1
  if (await isReady()) return name
  // Whoever comes first makes it; the others wait here.
  await admin.query('select pg_advisory_lock(hashtextextended($1, 0))', [name])
  if (!(await isReady())) {
    const passwords = { ownerPassword: secretOf(servers, `${name}_owner`), password: secretOf(servers, name) }
    await provisionDatabase({ adminUrl, service, prefix, ...passwords })
    await admin.query(`alter database ${name} with is_template true`)
  }
  await admin.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name])
  return name
}

function connectTo(servers: TestServers, { template, name }: { template: string; name: string }): TestDatabase {
  const as = (user: string) =>
    databaseUrl(servers.postgresUrl, { database: name, user, password: secretOf(servers, user) })
  const superuser = new URL(servers.postgresUrl)
  superuser.pathname = `/${name}`
  const db = openDatabase({ url: superuser.href, applicationName: 'tests', poolMax: 4 })
  defer(async () => {
    await db.destroy()
    await dropDatabase(servers, name)
  })
  return { name, url: as(template), ownerUrl: as(`${template}_owner`), superuserUrl: superuser.href, db }
}

async function dropDatabase(servers: TestServers, name: string): Promise<void> {
  const admin = openDatabase({ url: servers.postgresUrl, applicationName: 'tests', poolMax: 1 })
  try {
    await query(admin, `drop database if exists ${name} with (force)`)
  } finally {
    await admin.destroy()
  }
}
