import { createReadStream } from 'node:fs'
import type { Database } from '@tributary/database'
import { newLogger } from '@tributary/observability'
import { v7 } from 'uuid'
import type { PublicKey, SigningKeys } from '../src/proof/keys.ts'
import { type Bytes, type ExportReport, verifyExport } from '../src/proof/verify-export.ts'
import { exportBooks } from '../src/steps/export-books.ts'
import { sealNext } from '../src/steps/seal.ts'
import { newKeys } from './keys.ts'
import { type Ledger, openLedger, request } from './rig.ts'

export type Sealed = Ledger & Readonly<{ keys: SigningKeys }>

/** Books with every kind of row: several batches, one of every movement of rewards and cashouts, a refusal, a conflict. */
export async function workedLedger(): Promise<Sealed> {
  const ledger = await openLedger()
  const one = request('earn')
  const { rewardId, userId } = one
  const cashout = { rewardId: v7(), userId }
  await ledger.post(one, request('earn', { currency: 'EUR' }))
  await ledger.post(
    { ...one, kind: 'release', causeId: v7(), amount: 60n },
    { ...one, amount: 1n },
    request('earn', { rewardId }),
  )
  await ledger.post(request('reserve', { ...cashout, amount: 40n }))
  await ledger.post(request('settle', { ...cashout, amount: 40n }))
  await ledger.post({ ...one, kind: 'reverse', causeId: v7(), amount: 70n })
  await ledger.post(request('bounce', { ...cashout, amount: 40n }))
  return { ...ledger, keys: newKeys() }
}

const log = newLogger('ledger', 'silent')

/** Signs all that there is, as the job does. */
export async function sealAll(
  { db, keys }: Readonly<{ db: Database; keys: SigningKeys }>,
  anchorFile?: string,
): Promise<void> {
  while (await sealNext({ db, now: () => new Date(), keys, log, anchorFile }));
}

/** The export as the API sends it, line by line. */
export async function exported(
  { db, keys }: Readonly<{ db: Database; keys: SigningKeys }>,
  now = () => new Date(),
): Promise<string[]> {
  let text = ''
  for await (const chunk of exportBooks({ db, now, keys })) text += chunk
  return text.split('\n').slice(0, -1)
}

/** Verifies lines as if they were read from a file. */
export function verified(lines: readonly string[], keys: readonly PublicKey[], anchor?: string): Promise<ExportReport> {
  return verifyExport(bytesOf(lines), keys, anchor === undefined ? null : createReadStream(anchor))
}

async function* bytesOf(lines: readonly string[]): Bytes {
  yield Buffer.from(lines.map((line) => `${line}\n`).join(''))
}

/** The names of the checks that found something. */
export const failuresOf = ({ checks }: ExportReport) =>
  checks.filter(({ broken }) => broken > 0).map(({ name }) => name)
