import { query } from '@tributary/database'
import { expect, test } from 'vitest'
import { openLedger } from './rig.ts'
import { balanceOf, matchWaiting, newCashout, outstanding, payCashout, receive, tell, unmatched } from './settling.ts'

test('a line settles its cashout, and clearing returns to zero', async () => {
  const { db } = await openLedger()
  const cashout = await payCashout(db)
  expect([await balanceOf(db, 'provider:clearing', 'stripe'), await outstanding(db)]).toEqual([
    100n,
    ['payout stripe 100 USD'],
  ])
  const [answer] = await receive(db, 'stripe', [{ lineId: 'L1', reference: cashout.cashoutId }])
  expect(answer).toMatchObject({
    lineId: 'L1',
    status: 'matched',
    reason: null,
    cashoutId: cashout.cashoutId,
    repeated: false,
  })
  expect(await balanceOf(db, 'provider:clearing', 'stripe')).toBe(0n)
  expect(await balanceOf(db, 'program:cash')).toBe(-100n)
  expect([await unmatched(db), await outstanding(db)]).toEqual([[], []])
})

test('fees are paid with what they belong to, or by themselves', async () => {
  const { db } = await openLedger()
  const cashout = await payCashout(db, { reference: 'po_1' })
  const answers = await receive(db, 'stripe', [
    { lineId: 'L1', reference: 'po_1', fee: 3n },
    { lineId: 'L2', type: 'fee', reference: 'invoice 7', amount: 20n },
  ])
  expect(answers.map(({ status, cashoutId }) => [status, cashoutId])).toEqual([
    ['matched', cashout.cashoutId],
    ['matched', null],
  ])
  expect(await balanceOf(db, 'provider:clearing', 'stripe')).toBe(0n)
  expect(await balanceOf(db, 'program:fees')).toBe(23n)
  expect(await balanceOf(db, 'program:cash')).toBe(-123n)
})

test('what bounced is settled twice: the payout, and the refund', async () => {
  const { db } = await openLedger()
  const cashout = await payCashout(db)
  await tell(db, cashout, 'returned')
  expect(await outstanding(db)).toEqual(['payout stripe 100 USD', 'refund stripe 100 USD'])
  expect(await balanceOf(db, 'provider:clearing', 'stripe')).toBe(0n)
  await receive(db, 'stripe', [{ lineId: 'R1', type: 'refund', reference: cashout.cashoutId }])
  expect(await balanceOf(db, 'provider:clearing', 'stripe')).toBe(100n)
  await receive(db, 'stripe', [{ lineId: 'L1', reference: cashout.cashoutId }])
  expect(await balanceOf(db, 'provider:clearing', 'stripe')).toBe(0n)
  expect(await balanceOf(db, 'program:cash')).toBe(0n)
  expect([await unmatched(db), await outstanding(db)]).toEqual([[], []])
})

test('the same line again is answered as it stands, with other content it is a conflict, and neither changes anything', async () => {
  const { db } = await openLedger()
  const cashout = await payCashout(db)
  const line = { lineId: 'L1', reference: cashout.cashoutId }
  const [first] = await receive(db, 'stripe', [line])
  expect(await receive(db, 'stripe', [line])).toEqual([{ ...first, repeated: true }])
  // The same instant in another time zone is the same content.
  expect(await receive(db, 'stripe', [{ ...line, settledAt: '2026-01-01T01:00:00+01:00' }])).toEqual([
    { ...first, repeated: true },
  ])
  for (const change of [
    { amount: 99n },
    { fee: 1n },
    { type: 'refund' },
    { settledAt: '2026-01-02T00:00:00Z' },
  ] as const) {
    expect(await receive(db, 'stripe', [{ ...line, ...change }])).toMatchObject([
      { id: first!.id, status: 'conflict', reason: 'other_content', repeated: false },
    ])
  }
  // Another provider may use the same name for a line of its own.
  expect(await receive(db, 'paypal', [line])).toMatchObject([{ status: 'unmatched', reason: 'provider_differs' }])
  const twice = [{ lineId: 'L2' }, { lineId: 'L2' }, { lineId: 'L2', amount: 1n }]
  expect(await receive(db, 'stripe', twice)).toMatchObject([
    { status: 'unmatched', repeated: false },
    { status: 'unmatched', repeated: true },
    { status: 'conflict' },
  ])
  expect(await balanceOf(db, 'program:cash')).toBe(-100n)
  expect(await unmatched(db)).toEqual(['L1 provider_differs', 'L2 unknown_reference'])
})

test('what fits nothing waits with its reason, and what waits for a payment is settled once it is paid', async () => {
  const { db } = await openLedger()
  const [early, failed, paid] = [newCashout({ reference: 'po_1' }), newCashout(), await payCashout(db)]
  await tell(db, failed, 'requested')
  await tell(db, failed, 'failed')
  await receive(db, 'stripe', [
    { lineId: 'by id', reference: early.cashoutId },
    { lineId: 'dear', reference: paid.cashoutId, amount: 101n },
    { lineId: 'euro', reference: paid.cashoutId, currency: 'EUR' },
    { lineId: 'failed', reference: failed.cashoutId },
    { lineId: 'named', reference: 'po_1' },
    { lineId: 'refund', reference: paid.cashoutId, type: 'refund' },
  ])
  const stuck = ['dear amount_differs', 'euro currency_differs', 'failed given_back']
  expect(await unmatched(db)).toEqual(
    [...stuck, 'by id unknown_reference', 'named unknown_reference', 'refund not_returned_yet'].sort(),
  )
  await tell(db, early, 'requested')
  await matchWaiting(db)
  expect(await unmatched(db)).toEqual(
    [...stuck, 'by id not_paid_yet', 'named unknown_reference', 'refund not_returned_yet'].sort(),
  )
  await tell(db, early, 'paid')
  await tell(db, paid, 'returned')
  await matchWaiting(db)
  // Both names are of one payment, so one of the two lines charges for it a second time.
  expect(await unmatched(db)).toEqual([...stuck, 'named already_settled'].sort())
  expect(await outstanding(db)).toEqual(['payout stripe 100 USD'])
  await matchWaiting(db)
  expect(await unmatched(db)).toEqual([...stuck, 'named already_settled'].sort())
})

test('a name that a provider uses for two payments decides nothing', async () => {
  const { db } = await openLedger()
  await payCashout(db, { reference: 'batch 7' })
  await payCashout(db, { reference: 'batch 7' })
  expect(await receive(db, 'stripe', [{ lineId: 'L1', reference: 'batch 7' }])).toMatchObject([
    { status: 'unmatched', reason: 'ambiguous_reference' },
  ])
})

test('a fee of a provider that was never heard of waits until it is', async () => {
  const { db } = await openLedger()
  const fee = { lineId: 'F1', type: 'fee', reference: 'January', amount: 20n } as const
  expect(await receive(db, 'stripe', [fee])).toMatchObject([{ reason: 'unknown_provider' }])
  await payCashout(db)
  await matchWaiting(db)
  expect([await unmatched(db), await balanceOf(db, 'program:fees')]).toEqual([[], 20n])
})

test('the same file handed in ten times at once settles each cashout once', async () => {
  const { db } = await openLedger()
  const cashouts = await Promise.all(Array.from({ length: 10 }, () => payCashout(db)))
  const file = cashouts.map(({ cashoutId }, index) => ({ lineId: `L${index}`, reference: cashoutId, fee: 1n }))
  const answers = await Promise.all(Array.from({ length: 10 }, () => receive(db, 'stripe', file)))
  expect(answers.flat().filter(({ status }) => status !== 'matched')).toEqual([])
  expect(answers.flat().filter(({ repeated }) => !repeated)).toHaveLength(10)
  expect(await balanceOf(db, 'program:cash')).toBe(-1_010n)
  expect(await balanceOf(db, 'provider:clearing', 'stripe')).toBe(0n)
})

test('two files at once that name the same cashouts under other lines settle each once', async () => {
  const { db } = await openLedger()
  const cashouts = await Promise.all(Array.from({ length: 10 }, () => payCashout(db)))
  const files = ['A', 'B'].map((file) =>
    cashouts.map(({ cashoutId }, index) => ({ lineId: `${file}${index}`, reference: cashoutId })),
  )
  await Promise.all(files.map((file) => receive(db, 'stripe', file)))
  expect(await unmatched(db)).toHaveLength(10)
  expect(new Set((await unmatched(db)).map((line) => line.split(' ')[1]))).toEqual(new Set(['already_settled']))
  expect(await balanceOf(db, 'program:cash')).toBe(-1_000n)
})

test('payments, files and two processes that match what waits, all at once, settle each cashout once', async () => {
  const { db } = await openLedger()
  const cashouts = Array.from({ length: 12 }, () => newCashout())
  await Promise.all(cashouts.map((cashout) => tell(db, cashout, 'requested')))
  await Promise.all([
    ...cashouts.map((cashout) => tell(db, cashout, 'paid')),
    ...cashouts.map(({ cashoutId }, index) => receive(db, 'stripe', [{ lineId: `L${index}`, reference: cashoutId }])),
    matchWaiting(db),
    matchWaiting(db),
  ])
  await Promise.all([matchWaiting(db), matchWaiting(db), matchWaiting(db)])
  expect([await unmatched(db), await outstanding(db)]).toEqual([[], []])
  expect(await balanceOf(db, 'program:cash')).toBe(-1_200n)
  expect(await balanceOf(db, 'provider:clearing', 'stripe')).toBe(0n)
})

test('four processes that match the same waiting lines at once post each once', async () => {
  const { db } = await openLedger()
  const cashouts = Array.from({ length: 20 }, () => newCashout())
  const file = cashouts.map(({ cashoutId }, index) => ({ lineId: `L${index}`, reference: cashoutId }))
  await receive(db, 'stripe', file)
  for (const cashout of cashouts) {
    await tell(db, cashout, 'requested')
    await tell(db, cashout, 'paid')
  }
  await Promise.all([matchWaiting(db), matchWaiting(db), matchWaiting(db), matchWaiting(db)])
  expect([await unmatched(db), await outstanding(db)]).toEqual([[], []])
  expect(await balanceOf(db, 'program:cash')).toBe(-2_000n)
})

test('more lines than one step looks at are all matched', async () => {
  const { db } = await openLedger()
  const cashout = newCashout({ reference: 'last' })
  await receive(
    db,
    'stripe',
    Array.from({ length: 450 }, (_, index) => ({ lineId: `L${index}` })),
  )
  await receive(db, 'stripe', [{ lineId: 'the last', reference: 'last' }])
  await tell(db, cashout, 'requested')
  await tell(db, cashout, 'paid')
  await matchWaiting(db)
  expect(await unmatched(db)).toHaveLength(450)
  expect(await balanceOf(db, 'provider:clearing', 'stripe')).toBe(0n)
})

test('what was matched can be traced: from the line by its causes, from the transfer by its cashout', async () => {
  const { db } = await openLedger()
  const cashout = await payCashout(db)
  const [line] = await receive(db, 'stripe', [{ lineId: 'L1', reference: cashout.cashoutId, fee: 3n }])
  const rows = await query(
    db,
    `select t.kind, t.amount, t.cashout_id = ? as of_cashout, t.cause_id = l.id as of_line, t.cause_id = l.fee_cause_id as of_fee,
       t.effective_at = l.settled_at as as_settled
     from transfers t, settlement_lines l where l.id = ? and t.cause_id in (l.id, l.fee_cause_id) order by t.number`,
    [cashout.cashoutId, line!.id],
  )
  const of_fee = { of_cashout: null, of_line: false, of_fee: true, as_settled: true }
  expect(rows).toEqual([
    { kind: 'clear', amount: 100n, of_cashout: true, of_line: true, of_fee: false, as_settled: true },
    { kind: 'fee', amount: 3n, ...of_fee },
    { kind: 'clear', amount: 3n, ...of_fee },
  ])
})
