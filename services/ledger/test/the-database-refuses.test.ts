import { type Database, openDatabase, query } from '@tributary/database'
import { expect, onTestFinished, test } from 'vitest'
import { type Ledger, openLedger, request } from './rig.ts'

const history = ['transfers', 'ledger_entries', 'accounts', 'causes', 'cause_conflicts', 'batches', 'verifications']
const projections = ['balances', 'reward_positions', 'ledger_head']

/** A ledger with a little of everything in it, and a connection as the owner of its tables. */
async function attacked(): Promise<Ledger & { owner: Database }> {
  const ledger = await openLedger()
  const earn = request('earn')
  await ledger.post(earn, request('earn', { causeId: earn.causeId, amount: 7n }), request('earn', { currency: 'EUR' }))
  await query(ledger.database.db, `insert into verifications values (gen_random_uuid(), now(), now(), 'passed', '{}')`)
  const owner = openDatabase({ url: ledger.database.ownerUrl, applicationName: 'attacker', poolMax: 1 })
  onTestFinished(() => owner.destroy())
  return { ...ledger, owner }
}

test('history cannot be updated, deleted or emptied, whoever tries', async () => {
  const { db, owner, database } = await attacked()
  for (const table of history) {
    const [column] = await query<{ name: string }>(
      database.db,
      `select column_name as name from information_schema.columns where table_name = ? limit 1`,
      [table],
    )
    const attacks = [
      `update ${table} set ${column!.name} = ${column!.name}`,
      `delete from ${table}`,
      `truncate ${table} cascade`,
    ]
    for (const attack of attacks) {
      await expect(query(db, attack), `as the service: ${attack}`).rejects.toMatchObject({ code: '42501' })
      await expect(query(owner, attack), `as the owner: ${attack}`).rejects.toMatchObject({ code: '23001' })
      await expect(query(database.db, attack), `as the superuser: ${attack}`).rejects.toMatchObject({ code: '23001' })
    }
  }
})

test('the service can write nothing but through post_batch', async () => {
  const { db } = await attacked()
  for (const table of [...history.filter((name) => name !== 'verifications'), ...projections]) {
    await expect(query(db, `insert into ${table} default values`), table).rejects.toMatchObject({
      code: '42501',
    })
  }
  for (const table of projections) {
    await expect(query(db, `delete from ${table}`), table).rejects.toMatchObject({ code: '42501' })
  }
  const granted = await query<{ name: string }>(
    db,
    `select p.proname::text as name from pg_proc p
     where pronamespace = 'public'::regnamespace and prosecdef and has_function_privilege(current_user, p.oid, 'execute')
     order by 1`,
  )
  // ensure_partitions and drop_partitions_before come with messaging; the latter refuses any table of money.
  expect(granted.map(({ name }) => name)).toEqual([
    'drop_partitions_before',
    'ensure_partitions',
    'post_batch',
    'prepare_ledger_partitions',
  ])
  await expect(query(db, `select drop_partitions_before('transfers', now()::date)`)).rejects.toThrow(/are kept/)
})

/** Inserts a transfer as the owner, with some fields as given (SQL); the rest copied from one that stands. */
const insertTransfer = (changes: Readonly<Record<string, string>>, into = 'transfers') => {
  const fields = [
    'posted_at',
    'effective_at',
    'number',
    'debit_account',
    'credit_account',
    'amount',
    'id',
    'cause_id',
    'reward_id',
    'kind',
    'currency',
  ]
  const values = fields.map((field) => changes[field] ?? (field === 'id' ? 'gen_random_uuid()' : field))
  return `insert into ${into} (${fields.join(', ')}) select ${values.join(', ')} from transfers where number = 1`
}

test('a transfer that is not a permitted movement is refused', async () => {
  const { owner, database } = await attacked()
  const account = (kind: string, currency: string) =>
    `(select id from accounts where kind = '${kind}' and currency = '${currency}')`
  const refused = [
    { amount: '0' },
    { amount: '-5' },
    { credit_account: 'debit_account' },
    { kind: `'gift'` },
    { kind: `'release'` },
    { debit_account: 'credit_account', credit_account: 'debit_account' },
    { currency: `'EUR'` },
    { credit_account: account('user:pending', 'EUR') },
    { debit_account: account('program:expense', 'EUR'), credit_account: account('user:pending', 'USD') },
    { debit_account: '999999' },
    { posted_at: `timestamptz '1999-01-01'` },
  ]
  for (const changes of refused) {
    await expect(query(owner, insertTransfer(changes)), JSON.stringify(changes)).rejects.toMatchObject({
      code: '23514',
    })
  }
  const [count] = await query(database.db, 'select count(*)::int as n from transfers')
  expect(count).toEqual({ n: 2 })
})

test('money cannot pass from one user to another', async () => {
  const { owner, post } = await attacked()
  const earn = request('earn')
  await post(earn)
  const sneaked = insertTransfer({
    credit_account: `(select id from accounts where kind = 'user:pending' and user_id = '${earn.userId}')`,
  })
  await expect(query(owner, sneaked)).rejects.toMatchObject({ constraint: 'transfers_are_permitted_movements' })
})

test('entries come with their transfer or not at all', async () => {
  const { owner, database } = await attacked()
  const loose = `insert into ledger_entries select account_id, version + 10, posted_at, effective_at, 5, 5, gen_random_uuid(), side from ledger_entries limit 1`
  await expect(query(owner, loose)).rejects.toMatchObject({ constraint: 'ledger_entries_are_sides_of_transfers' })
  // A transfer that gets in brings both entries, the balances and the position with it.
  await query(owner, insertTransfer({ reward_id: 'gen_random_uuid()', number: '3', amount: '40' }))
  const [found] = await query(
    database.db,
    `select (select count(*)::int from ledger_entries where amount = 40) as entries,
       (select sum(balance)::int from balances b join accounts a on a.id = b.account_id
        where a.kind = 'user:pending' and a.currency = 'USD') as pending,
       (select count(*)::int from reward_positions where granted = 40) as positions`,
  )
  expect(found).toEqual({ entries: 2, pending: 140, positions: 1 })
})

test('partitions are written through their tables only', async () => {
  const { owner } = await attacked()
  const [partition] = await query<{ name: string }>(
    owner,
    'select tableoid::regclass::text as name from transfers limit 1',
  )
  await expect(query(owner, insertTransfer({}, partition!.name))).rejects.toMatchObject({ code: '23001' })
  await expect(query(owner, `truncate ${partition!.name}`)).rejects.toMatchObject({ code: '23001' })
  const unguarded = await query(
    owner,
    `select inhrelid::regclass::text from pg_inherits where inhparent in ('transfers'::regclass, 'ledger_entries'::regclass)
     and not exists (select from pg_trigger where tgrelid = inhrelid and tgname = 'partitions_are_written_through_their_table')`,
  )
  expect(unguarded).toEqual([])
})

test('a guarded account never goes below zero', async () => {
  const { owner } = await attacked()
  // Were the positions wrong, the accounts would still hold.
  await query(owner, 'update reward_positions set granted = granted + 900, pending = pending + 900')
  const overdrawn = insertTransfer({
    kind: `'reverse'`,
    debit_account: 'credit_account',
    credit_account: 'debit_account',
    amount: '101',
  })
  await expect(query(owner, overdrawn)).rejects.toMatchObject({ constraint: 'guarded_accounts_never_go_below_zero' })
  await expect(
    query(owner, 'update balances set debits = debits + 1000, credits = credits - 1000'),
  ).rejects.toMatchObject({ code: '23514' })
})

test('no more of a reward is taken back than was granted', async () => {
  const { owner, post } = await attacked()
  // The account covers it, since the user has another reward; the reward itself does not.
  const [small, other] = [request('earn', { amount: 10n }), request('earn', { amount: 500n })]
  await post(small, { ...other, userId: small.userId })
  const user = `from accounts where user_id = '${small.userId}' and kind`
  const over = insertTransfer({
    kind: `'reverse'`,
    debit_account: `(select id ${user} = 'user:pending')`,
    credit_account: `(select id ${user} = 'program:expense')`,
    reward_id: `'${small.rewardId}'`,
    amount: '11',
  })
  await expect(query(owner, over)).rejects.toMatchObject({ constraint: 'reward_positions_pend_no_less_than_zero' })
  const unknown = over.replace(small.rewardId, small.causeId)
  await expect(query(owner, unknown)).rejects.toMatchObject({ constraint: 'movements_have_a_position' })
})
