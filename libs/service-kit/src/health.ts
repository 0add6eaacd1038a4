import { appliedMigrations, type Database, listMigrations, query } from '@tributary/database'
import type { FastifyInstance } from 'fastify'

export type HealthOptions = Readonly<{
  db: Database
  /** Folders whose migrations must have been applied. */
  migrationFolders: readonly string[]
  /** A detail, never a reason: a service without its broker still takes requests. */
  brokerState: () => string
  /** The plan that was told last, in a service that acts on it; a detail, too. */
  plan?: () => Promise<string | null>
}>

/** /livez: the process answers. /readyz: it can work; 503 with reasons where it cannot. */
export function addHealth(app: FastifyInstance, options: HealthOptions): void {
  const isReady = newReadiness(options)
  let stopping = false
  app.addHook('preClose', (done) => {
    stopping = true
    done()
  })
  app.get('/livez', { config: { path: '/livez' } }, () => ({ alive: true }))
  app.get('/readyz', { config: { path: '/readyz' } }, async (_request, reply) => {
    const reasons = stopping ? ['stopping'] : await isReady()
    const ready = reasons.length === 0
    const plan = ready && options.plan !== undefined ? { plan: await options.plan().catch(() => null) } : {}
    const body = { ready, reasons, broker: options.brokerState(), ...plan }
    return reply.code(body.ready ? 200 : 503).send(body)
  })
}

function newReadiness({ db, migrationFolders }: HealthOptions): () => Promise<string[]> {
  // Once applied they stay applied, so an answering database is enough from then on.
  let migrated = false
  return async () => {
    try {
      if (migrated) await query(db, 'select 1')
      else {
        const missing = await missingMigrations(db, migrationFolders)
        if (missing.length > 0) return [`migrations missing: ${missing.join(', ')}`]
        migrated = true
      }
      return []
    } catch {
      return ['database unreachable']
    }
  }
}

async function missingMigrations(db: Database, folders: readonly string[]): Promise<string[]> {
  const applied = await appliedMigrations(db)
  const all = await listMigrations(folders)
  return all.map((migration) => migration.name).filter((name) => !applied.has(name))
}
