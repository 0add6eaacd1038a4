import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout this command belongs to. */
export const root = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '')

/** Everything `up` keeps: state, secrets, data, logs. `TRIBUTARY_HOME` moves it, so that tests leave a developer's alone. */
export const home = resolve(process.env.TRIBUTARY_HOME ?? join(root, '.tributary'))

export const places = {
  state: join(home, 'state.json'),
  secrets: join(home, 'secrets.json'),
  /** What a person chose and expects to be remembered, such as `--port-base`. */
  choices: join(home, 'choices.json'),
  /** Every checkpoint of the books, out of reach of whoever may change the database. */
  ledgerAnchor: join(home, 'ledger-anchor.jsonl'),
  /** What exports and checkpoints are checked with; not secret. */
  ledgerPublicKeys: join(home, 'ledger-public-keys.pem'),
  /** What receipts are checked with; not secret. */
  ingestPublicKeys: join(home, 'ingest-public-keys.pem'),
  supervisorLog: join(home, 'logs', 'supervisor.log'),
  logs: join(home, 'logs'),
  compileCache: join(home, 'compile-cache'),
  postgres: join(home, 'postgres'),
  rabbitmq: join(home, 'rabbitmq'),
}

/** Makes `.tributary`, which nobody else may look into: it holds every secret of the local stack. */
export function prepareHome(): void {
  mkdirSync(places.logs, { recursive: true, mode: 0o700 })
  chmodSync(home, 0o700)
}

export function homeExists(): boolean {
  return existsSync(home)
}
