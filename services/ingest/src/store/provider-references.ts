import { type Database, query } from '@tributary/database'

/** Keeps what names mean; the first meaning of each stands. Sorted, so that two at once do not deadlock. */
export async function insertReferences(
  db: Database,
  source: string,
  references: readonly Readonly<{ name: string; means: string }>[],
): Promise<void> {
  await query(
    db,
    `insert into provider_references (source, name, means)
     select ?, name, means from unnest(?::text[], ?::text[]) as given (name, means) order by name
     on conflict do nothing`,
    [source, references.map((one) => one.name), references.map((one) => one.means)],
  )
}

/** Those of the names that were told before. */
export async function findReferences(
  db: Database,
  source: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await query<{ name: string; means: string }>(
    db,
    'select name, means from provider_references where source = ? and name = any(?::text[])',
    [source, names],
  )
  return new Map(rows.map((row) => [row.name, row.means]))
}
