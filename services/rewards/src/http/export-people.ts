import type { Database } from '@tributary/database'
import { type Cell, route } from '@tributary/service-kit'
import { z } from 'zod'
import { listCodePairs } from '../store/referral-codes.ts'
import { listReferralPairs } from '../store/referrals.ts'
import { listUsers } from '../store/users.ts'

/** Read at once; a file is as long as there are rows, and never in memory whole. */
const PAGE = 1_000

const columns = {
  users: ['externalId', 'email', 'name'],
  codes: ['externalId', 'code'],
  referrals: ['externalId', 'referrerExternalId', 'registeredAt'],
} as const

/** What an import takes in again. People whose data was removed are left out, and referrals that were rejected. */
export const exportPeople = route({
  method: 'GET',
  path: '/api/v1/exports/{kind}',
  summary: 'All users, codes or referrals as CSV, with the columns of an import',
  access: { scope: 'users:read' },
  params: z.object({ kind: z.enum(['users', 'codes', 'referrals']) }),
  answers: {},
  csv: 'A line for each.',

  handle({ params: { kind } }, { db }) {
    return { status: 200, filename: `${kind}.csv`, lines: linesOf(db, kind) }
  },
})

async function* linesOf(db: Database, kind: keyof typeof columns): AsyncGenerator<Cell[]> {
  yield [...columns[kind]]
  let before: string | undefined
  do {
    const page: readonly { id: string; cells: Cell[] }[] = await pageOf(db, kind, before)
    for (const { cells } of page) yield cells
    before = page.length < PAGE ? undefined : page.at(-1)!.id
  } while (before !== undefined)
}

async function pageOf(db: Database, kind: keyof typeof columns, before: string | undefined) {
  if (kind === 'codes') return await listCodePairs(db, before, PAGE)
  if (kind === 'referrals') return await listReferralPairs(db, before, PAGE)
  const users = await listUsers(db, { before, limit: PAGE, isErased: false })
  return users.map(({ id, externalId, email, name }) => ({ id, cells: [externalId, email, name] }))
}
