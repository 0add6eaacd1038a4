import type { Transaction } from '@tributary/database'
import type { Publish } from '@tributary/messaging'
import { answer, type RequestContext, route } from '@tributary/service-kit'
import { z } from 'zod'
import { importCodes, importReferrals, importUsers, type LineResult } from '../steps/import-people.ts'
import { doerOf } from './doer.ts'
import { IMPORT_BYTES_MAX, type Import, importBody, readImportCsv } from './import-body.ts'

/** Thrown to undo what a dry run did; carries what it would have done. */
class DryRun extends Error {
  readonly results: readonly LineResult[]
  constructor(results: readonly LineResult[]) {
    super('a dry run is undone')
    this.results = results
  }
}

/**
 * Takes people in from elsewhere. Lines that are malformed refuse the whole file; else each is done or refused by itself.
 * Handing a file in again changes nothing. It takes no Idempotency-Key, whose transaction a dry run could not undo.
 */
export const createImport = route({
  method: 'POST',
  path: '/api/v1/imports',
  summary: 'Take in users, codes or referrals, as CSV (the columns say which) or JSON; dryRun tells and does nothing',
  access: { scope: 'users:write' },
  query: z.object({ dryRun: z.enum(['true', 'false']).default('false') }),
  bodyMaxBytes: IMPORT_BYTES_MAX,
  bodyReaders: { 'text/csv': readImportCsv },
  body: importBody,
  answers: {
    200: z.object({
      dryRun: z.boolean(),
      kind: z.enum(['users', 'codes', 'referrals']),
      counts: z.object({ created: z.int(), unchanged: z.int(), refused: z.int() }),
      refused: z.array(
        z.object({ line: z.int(), reason: z.string().meta({ description: 'As of the command for one alone.' }) }),
      ),
    }),
  },

  async handle({ body, query: { dryRun } }, context) {
    const results = await run(body, dryRun === 'true', context)
    const count = (result: LineResult['result']) => results.filter((one) => one.result === result).length
    const refused = body.lines.flatMap(({ line }, index) => {
      const why = results[index]!.why
      return why === null ? [] : [{ line: line ?? index + 1, reason: why }]
    })
    const counts = { created: count('created'), unchanged: count('unchanged'), refused: refused.length }
    return answer(200, { dryRun: dryRun === 'true', kind: body.kind, counts, refused })
  },
})

async function run(
  body: Import,
  isDry: boolean,
  { transaction, now, newId, principal }: RequestContext,
): Promise<readonly LineResult[]> {
  const context = { now: now(), newId, doneBy: doerOf(principal) }
  const importLines = async (tx: Transaction, publish: Publish) => {
    if (body.kind === 'users') return await importUsers(tx, publish, body.lines, context)
    if (body.kind === 'codes') return await importCodes(tx, body.lines, context)
    return await importReferrals(tx, publish, body.lines, context)
  }
  try {
    return await transaction(async (tx, publish) => {
      const results = await importLines(tx, publish)
      if (isDry) throw new DryRun(results)
      return results
    })
  } catch (error) {
    if (error instanceof DryRun) return error.results
    throw error
  }
}
