import { amountField, currencyField, idField, timeField } from '@tributary/contracts'
import { answer, fromCursor, Problem, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { findStatement, type StatementLine, type StatementPlace } from '../store/entries.ts'
import { instantField, minorUnitsField } from './fields.ts'

const accounts = ['pending', 'available', 'held', 'in_payout', 'owed'] as const

const entryBody = z.object({
  account: z.enum(accounts),
  currency: currencyField,
  version: z.int().min(1).meta({ description: "Counts the account's entries, without gaps." }),
  side: z.enum(['debit', 'credit']),
  amount: amountField,
  balanceAfter: minorUnitsField,
  transferId: idField,
  kind: z.string(),
  causeId: idField,
  rewardId: idField.nullable(),
  postedAt: timeField,
  effectiveAt: timeField,
})

export const listEntries = route({
  method: 'GET',
  path: '/api/v1/users/{id}/entries',
  summary: "A user's statement: every entry with the balance after it, newest first.",
  access: { scope: 'ledger:read' },
  params: z.object({ id: idField }),
  query: z.object({ ...pageQuery, currency: currencyField.optional(), account: z.enum(accounts).optional() }),
  answers: { 200: pageOf(entryBody) },

  async handle({ params: { id: userId }, query: { limit, cursor, currency, account } }, { db }) {
    const filters = { userId, currency, account }
    const rows = await findStatement(db, filters, toPlace(fromCursor(cursor, filters, 3)), limit + 1)
    const { items, nextCursor } = toPage(rows, limit, filters, placeOf)
    return answer(200, { items: items.map(toEntryBody), nextCursor })
  },
})

const placeShape = z.tuple([instantField, z.string().regex(/^\d{1,18}$/), z.string().regex(/^\d{1,18}$/)])

/** A cursor is not signed, so what is in it is checked like any input. */
function toPlace(parts: readonly string[] | null): StatementPlace | null {
  if (parts === null) return null
  const { data, success } = placeShape.safeParse(parts)
  if (!success)
    throw new Problem('payload_invalid', { errors: [{ path: '/query/cursor', message: 'is no place in a statement' }] })
  const [postedAt, accountId, version] = data
  return { postedAt, accountId, version }
}

function placeOf({ postedAt, accountId, version }: StatementLine): string[] {
  return [postedAt, String(accountId), String(version)]
}

function toEntryBody({ accountId: _accountId, version, ...line }: StatementLine): unknown {
  return { ...line, version: Number(version) }
}
