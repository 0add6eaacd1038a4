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

/**
 * The same, parsed once on each connection and then known to it by `name`: for the few statements of a hot path, where
 * parsing and planning cost as much as a small batch. Its plan may be kept, so it must not depend on how large a table
 * is (an INSERT of arrays, a call of a function); one name always stands for one text.
 */
export async function preparedQuery<Row = Record<string, unknown>>(
  tx: Database | Transaction,
  name: string,
  sql: string,
  bindings: readonly unknown[] = [],
): Promise<Row[]> {
  const result = (await tx.raw(sql, bindings as never).options({ name })) as { rows: Row[] }
  return result.rows
}
