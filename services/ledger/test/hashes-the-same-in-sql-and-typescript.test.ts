import { query } from '@tributary/database'
import { testDatabase } from '@tributary/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accountBytes, bodyHash, causeBytes, chainHash, transferBytes } from '../src/proof/bytes.ts'
import { accountRules, permittedMovements } from '../src/proof/chart.ts'
import type { AccountRow, CauseRow, TransferRow } from '../src/proof/rows.ts'

const RUNS = 100

const int8 = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String)
const uuid = fc.uuid()
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'))
// PostgreSQL keeps every text but one with a zero byte.
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((value) => !value.includes('\0'))
const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })
const instant = fc
  .tuple(
    fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true }),
    fc.nat(999),
  )
  .map(([date, micros]) => date.toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`))

const transfers: fc.Arbitrary<TransferRow> = fc.record({
  ...{ type: fc.constant('transfer' as const), number: int8, id: uuid, causeId: uuid, kind: text, debitAccount: int8 },
  ...{ creditAccount: int8, amount: int8, currency: text, rewardId: nullable(uuid), cashoutId: nullable(uuid) },
  ...{ effectiveAt: instant, postedAt: instant },
})
const causes: fc.Arbitrary<CauseRow> = fc.record({
  ...{ type: fc.constant('cause' as const), causeId: uuid, fingerprint: hash, outcome: text, reason: nullable(text) },
  ...{ transferIds: fc.constant([]), postedAt: instant, kind: fc.constant(null), subjectId: fc.constant(null) },
  ...{ userId: fc.constant(null), amount: fc.constant(null), currency: fc.constant(null), detail: fc.constant(null) },
})
const accounts: fc.Arbitrary<AccountRow> = fc.record({
  ...{ type: fc.constant('account' as const), id: int8, kind: text, userId: nullable(uuid), provider: nullable(text) },
  ...{ currency: text, openedAt: instant },
})

test('transfers, causes, accounts, bodies and the chain have the same bytes in SQL and in TypeScript', async () => {
  const { db } = await testDatabase('ledger')
  const inSql = async (sql: string, bindings: readonly unknown[]) => {
    const [row] = await query<{ bytes: Buffer }>(db, `select ${sql} as bytes`, bindings)
    return row!.bytes.toString('hex')
  }
  const transferSql = `transfer_bytes(?::bigint, ?::uuid, ?::uuid, ?::text, ?::bigint, ?::bigint, ?::bigint, ?::text, ?::uuid,
    ?::timestamptz, ?::uuid)`
  await fc.assert(
    fc.asyncProperty(transfers, causes, accounts, hash, async (transfer, cause, account, previous) => {
      const {
        number,
        id,
        causeId,
        kind,
        debitAccount,
        creditAccount,
        amount,
        currency,
        rewardId,
        effectiveAt,
        cashoutId,
      } = transfer
      const bindings = [
        number,
        id,
        causeId,
        kind,
        debitAccount,
        creditAccount,
        amount,
        currency,
        rewardId,
        effectiveAt,
        cashoutId,
      ]
      const bytes = { accounts: accountBytes(account), causes: causeBytes(cause), transfers: transferBytes(transfer) }
      expect(await inSql(transferSql, bindings)).toBe(bytes.transfers.toString('hex'))
      const causeSql = `cause_bytes(?::uuid, decode(?, 'hex'), ?::text, ?::text)`
      expect(await inSql(causeSql, [cause.causeId, cause.fingerprint, cause.outcome, cause.reason])).toBe(
        bytes.causes.toString('hex'),
      )
      const accountSql = 'account_bytes(?::bigint, ?::text, ?::uuid, ?::text, ?::text)'
      const accountBindings = [account.id, account.kind, account.userId, account.provider, account.currency]
      expect(await inSql(accountSql, accountBindings)).toBe(bytes.accounts.toString('hex'))
      const sections = [bytes.accounts, bytes.causes, bytes.transfers]
      const body = bodyHash({
        accounts: [bytes.accounts],
        causes: [bytes.causes],
        transfers: [bytes.transfers],
        archives: [],
      })
      expect(await inSql('body_hash(?::bytea, ?::bytea, ?::bytea)', sections)).toBe(body)
      const batch = {
        type: 'batch' as const,
        number,
        postedAt: effectiveAt,
        transfers: '1',
        lastTransfer: '1',
        lastAccount: '1',
        body,
      }
      const chainSql = "chain_hash(decode(?, 'hex'), ?::bigint, ?::timestamptz, decode(?, 'hex'))"
      expect(await inSql(chainSql, [previous, number, effectiveAt, body])).toBe(chainHash(previous, batch))
    }),
    { numRuns: RUNS },
  )
})

test('a transfer without a cashout has the bytes that it had before there were cashouts', async () => {
  const { db } = await testDatabase('ledger')
  const [row] = await query<{ same: boolean }>(
    db,
    `select transfer_bytes(1, id, id, 'earn', 1, 2, 3, 'USD', null, now()) = transfer_bytes(1, id, id, 'earn', 1, 2, 3, 'USD', null, now(), null) as same
     from (select gen_random_uuid() as id) one`,
  )
  expect(row).toEqual({ same: true })
})

test('a proof is checked against the accounts and the movements that the database permits', async () => {
  const { db } = await testDatabase('ledger')
  const kinds = await query<{ kind: string; sign: number; guarded: boolean; owner: string }>(
    db,
    'select * from account_kinds',
  )
  const rules = kinds.map(({ kind, sign, guarded, owner }) => [kind, { sign: BigInt(sign), guarded, owner }])
  expect(Object.fromEntries(rules)).toEqual(accountRules)
  const rows = await query<
    Record<'kind' | 'debit_kind' | 'credit_kind' | 'debit' | 'credit', string> & { same_owner: boolean }
  >(
    db,
    `select m.*, d.owner as debit, c.owner as credit from permitted_movements m
     join account_kinds d on d.kind = m.debit_kind join account_kinds c on c.kind = m.credit_kind`,
  )
  expect(rows.map((row) => [row.kind, row.debit_kind, row.credit_kind].join('|')).sort()).toEqual(permittedMovements)
  // That is how a proof knows where the owner must stay the same.
  for (const row of rows)
    expect(
      [row.debit, row.credit].every((owner) => owner === 'user'),
      row.kind,
    ).toBe(row.same_owner)
})
