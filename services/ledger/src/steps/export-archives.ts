import type { Database } from '@tributary/database'
import type { Line } from '../proof/lines.ts'
import type { ArchiveRow } from '../proof/rows.ts'
import { listArchivedAccounts, listOpenings } from '../store/archives.ts'

const ROWS_A_PAGE = 5_000

/** What an export begins with where there are archives: each with the accounts opened in its time, and what those it touched came to. */
export async function* exportArchives(db: Database, archives: readonly ArchiveRow[]): AsyncGenerator<Line> {
  let before = '0'
  for (const archive of archives) {
    yield archive
    yield* pages(
      before,
      (after) => listArchivedAccounts(db, archive, after, ROWS_A_PAGE),
      ({ id }) => id,
    )
    yield* pages(
      '0',
      (after) => listOpenings(db, archive.number, after, ROWS_A_PAGE),
      ({ accountId }) => accountId,
    )
    before = archive.lastAccount
  }
}

async function* pages<Row extends Line>(
  first: string,
  read: (after: string) => Promise<readonly Row[]>,
  placeOf: (row: Row) => string,
): AsyncGenerator<Line> {
  let after = first
  for (let rows = await read(after); rows.length > 0; rows = rows.length < ROWS_A_PAGE ? [] : await read(after)) {
    yield* rows
    after = placeOf(rows.at(-1)!)
  }
}
