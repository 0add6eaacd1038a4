import { amountField, currencyField, idField, timeField } from '@tributary/contracts'
import { answer, fromCursor, Problem, pageOf, pageQuery, prefersCsv, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { readAsOf, retainedSince } from '../store/as-of.ts'
import { findAccountPeriods, findStatement, type StatementLine, type StatementPlace } from '../store/entries.ts'
import { beforeRetention, instantProblems, orRefuse } from './as-of.ts'
import { instantField, minorUnitsField, namedIdField } from './fields.ts'
import { statementLines } from './statement-csv.ts'

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
  cashoutId: idField.nullable(),
  postedAt: timeField,
  effectiveAt: timeField,
})

const statementBody = pageOf(entryBody).extend({
  from: timeField.nullable(),
  to: timeField.meta({ description: 'As asked for, or when the first page was.' }),
  balances: z.array(
    z.object({
      currency: currencyField,
      account: z.enum(accounts),
      opening: minorUnitsField,
      closing: minorUnitsField,
    }),
  ),
})

export const listEntries = route({
  method: 'GET',
  path: '/api/v1/users/{id}/entries',
  summary:
    "A user's statement: every entry with the balance after it, newest first, between opening and closing balances. By when " +
    'it was recorded, so a period that is over prints the same for ever.',
  access: { scope: 'ledger:read' },
  params: z.object({ id: namedIdField }),
  query: z.object({
    ...pageQuery,
    currency: currencyField.optional(),
    account: z.enum(accounts).optional(),
    from: instantField.optional().meta({ description: 'The first instant; the beginning if left out.' }),
    to: instantField
      .optional()
      .meta({ description: 'The instant after the last, not in the future; now if left out.' }),
  }),
  answers: { 200: statementBody },
  csv:
    'The whole period whatever `limit` and `cursor` say, in one section for each account: a line `opening`, its entries oldest ' +
    'first, a line `closing`. Without the last `closing` it is not complete.',
  problems: instantProblems,

  async handle({ params: { id: userId }, query: { limit, cursor, currency, account, from, to }, request }, { db }) {
    const filters = { userId, currency, account, from, to }
    const query = { list: 'entries', ...filters }
    const place = toPlace(fromCursor(cursor, query, 4))
    const since = await retainedSince(db)
    if (from !== undefined && since !== null && from < since) throw beforeRetention(since)
    if (from !== undefined && to !== undefined && from > to) throw invalid('from', 'must not be after `to`')
    const asked = await readAsOf(db, place?.to ?? to ?? null, async (instant) => {
      const period = { from: from ?? since, to: instant }
      return { period, accounts: await findAccountPeriods(db, filters, period) }
    })
    const { period, accounts } = orRefuse(asked).result
    if (from !== undefined && from > period.to) throw new Problem('as_of_in_the_future')
    if (prefersCsv(request)) {
      return { status: 200, filename: `statement-${userId}.csv`, lines: statementLines(db, accounts, period) }
    }
    const rows = await findStatement(db, accounts, period, place, limit + 1)
    const { items, nextCursor } = toPage(rows, limit, query, (line) => placeOf(period.to, line))
    return answer(200, { ...period, balances: accounts, items: items.map(toEntryBody), nextCursor })
  },
})

const placeShape = z.tuple([instantField, instantField, z.string().regex(/^\d{1,18}$/), z.string().regex(/^\d{1,18}$/)])

type Place = StatementPlace & Readonly<{ to: string }>

/** A cursor is not signed, so what is in it is checked like any input. */
function toPlace(parts: readonly string[] | null): Place | null {
  if (parts === null) return null
  const { data, success } = placeShape.safeParse(parts)
  if (!success) throw invalid('cursor', 'is no place in a statement')
  const [to, postedAt, accountId, version] = data
  return { to, postedAt, accountId, version }
}

/** The end of the period is part of the place: on the next page, now is still when the first page was asked for. */
function placeOf(to: string, { postedAt, accountId, version }: StatementLine): string[] {
  return [to, postedAt, String(accountId), String(version)]
}

function invalid(field: string, message: string): Problem {
  return new Problem('payload_invalid', { errors: [{ path: `/query/${field}`, message }] })
}

function toEntryBody({ accountId: _accountId, version, ...line }: StatementLine): unknown {
  return { ...line, version: Number(version) }
}
