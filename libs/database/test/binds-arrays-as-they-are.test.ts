import { testDatabase } from '@tributary/testing'
import { v4, v7 } from 'uuid'
import { expect, it, onTestFinished } from 'vitest'
import { bigints, hexBytes, instants, ints, openDatabase, preparedQuery, query, texts, uuids } from '../src/index.ts'

const times = [
  '2026-07-01T00:00:00Z',
  '2026-07-01T00:00:00.1Z',
  '1999-07-01T23:59:59.123456Z',
  '1969-12-31T23:59:59.9996Z',
  '2026-07-01T00:00:00.999999999+02:00',
  '2026-07-01T00:00:00.0000016-11:30',
]
const edges = {
  uuid: [v7(), null, v4(), '00000000-0000-0000-0000-000000000000', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'],
  bigint: [0n, -1n, null, 2n ** 63n - 1n, -(2n ** 63n)],
  int: [0, -1, null, 2 ** 31 - 1, -(2 ** 31)],
  text: ['', null, 'NULL', '{"a,b"}', 'čšž 😀', ' \\ ', "';--"],
  bytea: ['', null, '00', 'ff00fe', '5c7830'],
  timestamptz: [
    new Date(0),
    null,
    new Date('1999-12-31T23:59:59.999Z'),
    new Date('2026-07-01T00:00:00.001Z'),
    ...times,
  ],
} as const

const encoded = {
  uuid: () => uuids(edges.uuid),
  bigint: () => bigints(edges.bigint),
  int: () => ints(edges.int),
  text: () => texts(edges.text),
  bytea: () => hexBytes(edges.bytea),
  timestamptz: () => instants(edges.timestamptz),
}
/** The same, as the driver writes it: text, parsed by the server. */
const written = { ...edges, bytea: edges.bytea.map((hex) => (hex === null ? null : `\\x${hex}`)) }

async function connected() {
  const db = openDatabase({ url: (await testDatabase('fraud')).url, applicationName: 'arrays', poolMax: 1 })
  onTestFinished(() => db.destroy())
  return db
}

it.each(Object.keys(encoded) as (keyof typeof encoded)[])(
  '%s[] with nulls and edges, equal to its text',
  async (type) => {
    const db = await connected()
    const [row] = await query<{ same: boolean; count: number }>(
      db,
      `select b = t as same, cardinality(b) as count from (select ?::${type}[] as b, ?::${type}[] as t) x`,
      [encoded[type](), written[type]],
    )
    expect(row).toEqual({ same: true, count: edges[type].length })
  },
)

it('empty ones', async () => {
  const db = await connected()
  const [row] = await query(
    db,
    `select ?::uuid[] = '{}' and ?::bigint[] = '{}' and ?::int[] = '{}' and ?::text[] = '{}' and ?::bytea[] = '{}'
       and ?::timestamptz[] = '{}' as empty`,
    [uuids([]), bigints([]), ints([]), texts([]), hexBytes([]), instants([])],
  )
  expect(row).toEqual({ empty: true })
})

it('refuses what is no id and no bytes instead of sending something else', () => {
  for (const wrong of ['', 'abc', v7().slice(1), `${v7()}0`, v7().replace(/.$/, 'g'), v7().replaceAll('-', 'x')]) {
    expect(() => uuids([v7(), wrong]), wrong).toThrow(RangeError)
  }
  for (const wrong of ['0', 'xx', '00zz', '\\x00']) expect(() => hexBytes([wrong]), wrong).toThrow(RangeError)
})

it('in a statement that is prepared once on its connection', async () => {
  const db = await connected()
  for (const ids of [[v7()], [v7(), v7()], []]) {
    const rows = await preparedQuery<{ id: string }>(db, 'ids_back', 'select unnest(?::uuid[]) as id', [uuids(ids)])
    expect(rows.map(({ id }) => id)).toEqual(ids)
  }
  const [known] = await query(db, `select count(*)::int as count from pg_prepared_statements where name = 'ids_back'`)
  expect(known).toEqual({ count: 1 })
})
