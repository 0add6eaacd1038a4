import { expect, test } from 'vitest'
import { newKeys } from './keys.ts'
import { openLedger, request } from './rig.ts'
import { exported, sealAll, verified } from './sealed.ts'

test('what takes effect at the edge of time is signed and exported; what lies beyond is not posted', async () => {
  const ledger = { ...(await openLedger()), keys: newKeys() }
  const at = (time: string) => ledger.post(request('earn', { time }))
  for (const time of ['-000044-03-15T00:00:00Z', '0000-12-31T23:59:59.999Z', '+010000-01-01T00:00:00Z'])
    await expect(at(time), time).rejects.toMatchObject({ code: '23514' })
  for (const time of ['0001-01-01T00:00:00Z', '1969-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'])
    expect(await at(time), time).toEqual([{ kind: 'done' }])
  await sealAll(ledger)
  expect((await verified(await exported(ledger), [ledger.keys.own])).ok).toBe(true)
})
