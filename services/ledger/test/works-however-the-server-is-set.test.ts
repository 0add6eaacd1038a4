import { openDatabase, query } from '@tributary/database'
import { expect, onTestFinished, test } from 'vitest'
import { findBalancesAsRecorded } from '../src/store/balances.ts'
import { verifyBooks } from '../src/store/verify-books.ts'
import { openLedger, postTo, request } from './rig.ts'

const settings = {
  datestyle: 'SQL, DMY',
  intervalstyle: 'sql_standard',
  timezone: 'America/New_York',
  bytea_output: 'escape',
  extra_float_digits: '-5',
}

test('a server that writes its values otherwise for everybody else changes nothing', async () => {
  const { database } = await openLedger()
  for (const [name, value] of Object.entries(settings))
    await database.db.raw(`alter database ?? set ${name} = '${value}'`, [database.name])
  const open = (url: string) => {
    const db = openDatabase({ url, applicationName: 'test', poolMax: 1 })
    onTestFinished(() => db.destroy())
    return db
  }
  const db = open(database.url)
  const earn = request('earn', { amount: 100n })
  expect(await postTo(db, earn)).toEqual([{ kind: 'done' }])
  const [posted] = await query<{ at: Date; style: string }>(
    db,
    `select posted_at as at, current_setting('datestyle') as style from batches`,
  )
  expect(Math.abs(Date.now() - posted!.at.getTime())).toBeLessThan(60_000)
  expect(posted!.style).toMatch(/^ISO/)
  const balances = await findBalancesAsRecorded(db, { userId: earn.userId, currency: 'USD' }, new Date().toISOString())
  expect(balances).toMatchObject([{ currency: 'USD', pending: 100n }])
  expect((await verifyBooks(db)).status).toBe('passed')
  expect(await query(open(database.ownerUrl), 'show timezone')).toEqual([{ TimeZone: 'UTC' }])
})
