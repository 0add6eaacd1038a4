import { route } from '@tributary/service-kit'
import { z } from 'zod'
import type { SigningKeys } from '../proof/keys.ts'
import { exportBooks } from '../steps/export-books.ts'

/** Streams at the pace of whoever reads: the memory it takes does not depend on how much there is. */
export const getExport = (keys: SigningKeys) =>
  route({
    method: 'GET',
    path: '/api/v1/export',
    summary: 'All books, signed: everything that is needed to check them without this database.',
    access: { scope: 'ledger:export' },
    answers: { 200: z.string().meta({ description: 'One JSON object a line; docs/proofs.md says which.' }) },
    streams: 'application/x-ndjson',

    handle: (_input, { db, now }) => ({
      status: 200,
      filename: 'tributary-ledger.ndjson',
      chunks: exportBooks({ db, now, keys }),
    }),
  })
