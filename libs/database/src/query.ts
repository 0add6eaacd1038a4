import type { Database, Transaction } from './open.ts'

/**
 * Runs SQL with bound values (`?`, cast where the type is not plain: `?::uuid[]`) and answers its rows.
 * Arrays are bound as one PostgreSQL array; bigint columns come back as bigint.
 */
export async function query<Row = Record<string, unknown>>(
  tx: Database | Transaction,
  sql: string,
  bindings: readonly unknown[] = [],
): Promise<Row[]> {
  const result = (await tx.raw(sql, bindings as never)) as { rows: Row[] }
  return result.rows
}
