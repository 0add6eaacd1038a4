import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Database } from './open.ts'

/** One plain SQL file. `:"service_role"` in it stands for the role that the service works as. */
export type Migration = Readonly<{ name: string; file: string }>

/** The .sql files of some folders, in the order of the folders, then by name. Names must be unique among all. */
export async function listMigrations(folders: readonly string[]): Promise<Migration[]> {
  const lists = await Promise.all(folders.map(listFolder))
  const all = lists.flat()
  const names = new Set(all.map((migration) => migration.name))
  if (names.size !== all.length) throw new Error(`two migrations share a name in ${folders.join(', ')}`)
  return all
}

async function listFolder(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
  return files.map((file) => ({ name: basename(file, '.sql'), file: join(folder, file) }))
}

/**
 * Applies what is missing, each file in a transaction of its own, under knex's migration lock.
 * `db` must be connected as the owner of the tables; answers the names it applied.
 */
export async function migrate(db: Database, migrations: readonly Migration[], serviceRole: string): Promise<string[]> {
  const role = `"${serviceRole.replaceAll('"', '""')}"`
  const [, applied] = (await db.migrate.latest({
    tableName: 'migrations',
    migrationSource: {
      getMigrations: () => Promise.resolve([...migrations]),
      getMigrationName: (migration: Migration) => migration.name,
      getMigration: async (migration: Migration) => {
        const sql = (await readFile(migration.file, 'utf8')).replaceAll(':"service_role"', role)
        // `?` in plain SQL is no binding here; knex wants it escaped.
        return { up: (tx: Database) => tx.raw(sql.replaceAll('?', '\\?')), down: () => Promise.resolve() }
      },
    },
  })) as [number, string[]]
  return applied
}

/** Names of the migrations that a database has; none where it was never migrated. Needs only read access. */
export async function appliedMigrations(db: Database): Promise<Set<string>> {
  const known = await db.raw(`select to_regclass('public.migrations') is not null as known`)
  if (!known.rows[0]?.known) return new Set()
  const rows = await db('migrations').select<{ name: string }[]>('name')
  return new Set(rows.map((row) => row.name))
}
