import { type Database, openDatabase, query } from '@tributary/database'
import { testDatabase } from '@tributary/testing'
import { v7 } from 'uuid'
import { expect, onTestFinished, test } from 'vitest'
import { postBatch } from '../src/store/post-batch.ts'
import { batchOf, cause, type Target, target, transfer } from './attack.ts'

type Attacked = Target & Readonly<{ owner: Database }>

async function attacked(): Promise<Attacked> {
  const on = await target()
  const owner = openDatabase({ url: on.database.ownerUrl, applicationName: 'attacker', poolMax: 1 })
  onTestFinished(() => owner.destroy())
  return { ...on, owner }
}

/** Runs it and takes it back; answers PostgreSQL's code, or `taken`. */
async function attempt(db: Database, sql: string): Promise<string> {
  const tx = await db.transaction()
  try {
    await tx.raw(sql.replaceAll('?', '\\?'))
    await tx.raw('set constraints all immediate')
    return 'taken'
  } catch (error) {
    return String((error as { code?: unknown }).code)
  } finally {
    await tx.rollback()
  }
}

/** What was not refused; what is no SQL proves nothing, and counts, too. */
async function takenOf(db: Database, attacks: readonly string[]): Promise<string[]> {
  const taken: string[] = []
  for (const sql of attacks) if (['taken', SYNTAX_ERROR].includes(await attempt(db, sql))) taken.push(sql)
  return taken
}

const SYNTAX_ERROR = '42601'

/** The tables of the ledger, from the catalogue: one that is added later is attacked, too. */
async function tables(db: Database): Promise<{ name: string; column: string; appendOnly: boolean }[]> {
  return query(
    db,
    `select c.oid::regclass::text as name,
       (select quote_ident(attname) from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
        and attgenerated = '' order by attnum limit 1) as column,
       exists (select from pg_trigger t where t.tgrelid = coalesce((select inhparent from pg_inherits where inhrelid = c.oid), c.oid)
         and t.tgfoid = 'refuse_to_change_history()'::regprocedure and (t.tgtype & 32) <> 0) as "appendOnly"
     from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
     order by 1`,
  )
}

/** What no grant of the service's may reach: money, and what says who may move it. */
const guarded = [
  ...[
    'account_kinds',
    'accounts',
    'balances',
    'batches',
    'cashout_positions',
    'cause_conflicts',
    'causes',
    'ledger_entries',
  ],
  ...['ledger_head', 'permitted_movements', 'reward_positions', 'transfers'],
]

test('the service writes no money but through post_batch, in no way that SQL has', async () => {
  const { db, database, account, ann } = await attacked()
  const all = await tables(database.db)
  const partitions = all.filter(({ name }) => /^(transfers|ledger_entries)_\d/.test(name))
  expect(partitions.length).toBeGreaterThan(4)
  const money = all.filter(({ name }) => guarded.includes(name) || partitions.some((one) => one.name === name))
  expect(money.length).toBe(guarded.length + partitions.length)
  const attacks = money.flatMap(({ name, column }) => [
    `insert into ${name} select * from ${name} limit 1`,
    `insert into ${name} (${column}) values (default) on conflict do nothing`,
    `update ${name} set ${column} = ${column}`,
    `delete from ${name}`,
    `truncate ${name}`,
    `truncate ${name} cascade`,
    `copy ${name} from program 'true'`,
    `copy ${name} from stdin`,
    `merge into ${name} t using (select 1) s on false when not matched then insert (${column}) values (default)`,
    `select * from ${name} for update`,
    `lock table ${name} in access exclusive mode`,
    `alter table ${name} disable trigger all`,
    `alter table ${name} add column more int`,
    `alter table ${name} rename to other`,
    `drop table ${name} cascade`,
    `create trigger mine before insert on ${name} for each row execute function suppress_redundant_updates_trigger()`,
    `create rule mine as on insert to ${name} do instead nothing`,
    `create index on ${name} (${column})`,
    `create policy mine on ${name} using (true)`,
    // Granting what one does not have is a warning only.
    `grant all on ${name} to current_user; update ${name} set ${column} = ${column}`,
  ])
  expect(await takenOf(db, attacks)).toEqual([])
  // The same goes for constraints, functions, roles and settings that the guards stand on.
  expect(
    await takenOf(db, [
      'alter table balances drop constraint guarded_accounts_never_go_below_zero',
      'alter table balances rename constraint guarded_accounts_never_go_below_zero to mine',
      'alter table transfers drop constraint transfers_move_a_positive_amount',
      'alter function post_batch rename to mine',
      'alter function lock_ledger() rename to mine',
      'drop function carry_out_transfers() cascade',
      `create or replace function lock_ledger() returns void language sql as 'select'`,
      `create function public.mine() returns int language sql as 'select 1'`,
      `create function pg_temp.mine() returns int language sql as 'select 1'`,
      'create schema mine',
      'create temporary table ledger_head (batch bigint)',
      'create temporary view balances as select 1',
      'create table public.mine (id int)',
      'create extension pg_trgm',
      'set session_replication_role = replica',
      `set role ${new URL(database.ownerUrl).username}`,
      `set session authorization ${new URL(database.ownerUrl).username}`,
      'set role postgres',
      'alter role current_user superuser',
      `grant ${new URL(database.ownerUrl).username} to current_user`,
      'alter database current set session_replication_role = replica',
      'alter system set fsync = off',
      `select pg_read_file('/etc/passwd')`,
      `select lo_import('/etc/passwd')`,
      `do language plperlu 'system("true")'`,
    ]),
  ).toEqual([])
  // What the guards call among themselves is not for others.
  expect(
    await takenOf(db, [
      `select move_reward_positions(array[gen_random_uuid()], array['${ann}'::uuid], '{USD}', '{1}', '{pending}', '{released}')`,
      `select move_cashout_positions(array[gen_random_uuid()], array['${ann}'::uuid], '{x}', '{USD}', '{1}', array[null], '{in_payout}', now())`,
      `select keep_append_only(array['balances'])`,
      'select carry_out_transfers()',
      'select refuse_loose_entries()',
      'select refuse_to_change_history()',
      `select drop_partitions_before('transfers', now()::date)`,
      `select drop_partitions_before('ledger_entries', now()::date)`,
      `select drop_partitions_before('balances', now()::date)`,
      `select ensure_partitions('accounts', 'month', 1)`,
      `select ensure_partitions('transfers', 'day', 1)`,
      `select ensure_partitions('transfers; drop table balances', 'month', 1)`,
      `select ensure_partitions('transfers', 'month); drop table balances --', 1)`,
    ]),
  ).toEqual([])
  expect(account(ann, 'user:pending')).toBeGreaterThan(0n)
})

test('what a session puts in the way of names does not reach what runs as the owner', async () => {
  const on = await attacked()
  const right = batchOf([
    transfer('release', on.account(on.ann, 'user:pending'), on.account(on.ann, 'user:available'), {
      rewardId: on.rewards.ann,
    }),
  ])
  // Were it allowed to make temporary tables and functions after all, as on a server that somebody else has set up.
  const { username } = new URL(on.database.url)
  await query(on.database.db, `grant temporary on database ${on.database.name} to ${username}`)
  const tx = await on.db.transaction()
  try {
    for (const table of [
      'ledger_head',
      'balances',
      'accounts',
      'permitted_movements',
      'transfers',
      'causes',
      'batches',
    ]) {
      await tx.raw(`create temporary table ${table} (like public.${table} including defaults)`)
    }
    await tx.raw(`create function pg_temp.lock_ledger() returns void language sql as 'select'`)
    await tx.raw(`create function pg_temp.never(bigint, bigint) returns boolean language sql as 'select false'`)
    await tx.raw('create operator pg_temp.<> (leftarg = bigint, rightarg = bigint, function = pg_temp.never)')
    await tx.raw('create operator pg_temp.< (leftarg = bigint, rightarg = bigint, function = pg_temp.never)')
    await tx.raw('set local search_path = pg_temp, public, pg_catalog')
    await postBatch(tx, right)
    const [found] = await query(
      tx,
      `select (select count(*)::int from public.transfers where id = '${right.transfers[0]!.id}') as posted,
         (select count(*)::int from pg_temp.transfers) as shadowed`,
    )
    expect(found).toEqual({ posted: 1, shadowed: 0 })
    await expect(
      postBatch(tx, batchOf([{ ...right.transfers[0]!, id: on.first.transferId, causeId: on.ann, amount: 900n }])),
    ).rejects.toMatchObject({ code: '23514' })
  } finally {
    await tx.rollback()
  }
})

test('every table that keeps history keeps it from everybody, in every partition, also by way of others', async () => {
  const { db, owner, database } = await attacked()
  const kept = (await tables(database.db)).filter(({ appendOnly }) => appendOnly)
  expect(kept.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['transfers', 'ledger_entries', 'accounts', 'causes', 'batches']),
  )
  const attacks = kept.flatMap(({ name, column }) => [
    `truncate ${name}`,
    `truncate ${name} cascade`,
    `truncate ${name} restart identity cascade`,
    `do $$ begin execute 'truncate ${name}'; end $$`,
    `update ${name} set ${column} = ${column} where exists (select from ${name})`,
  ])
  const byOthers = [
    'truncate account_kinds cascade',
    'truncate account_kinds, accounts, balances, transfers, ledger_entries cascade',
  ]
  for (const [who, role] of Object.entries({ db, owner, superuser: database.db })) {
    const filled = []
    for (const sql of [...attacks, ...byOthers]) {
      // An update of an empty table changes nothing, so nothing refuses it.
      if ((await attempt(role, sql)) === 'taken' && !sql.startsWith('update')) filled.push(sql)
    }
    expect(filled, who).toEqual([])
  }
})

test('the owner cannot write what is no movement of money either, nor put a transfer or an entry beside the others', async () => {
  const { owner } = await attacked()
  const copyOf = (table: string, changes: Readonly<Record<string, string>>, where: string) => {
    const columns = Object.keys(changes).join(', ')
    return `insert into ${table} (${columns}) select ${Object.values(changes).join(', ')} from ${table} where ${where}`
  }
  const entry = {
    ...{ account_id: 'account_id', version: 'version + 100', posted_at: 'posted_at', effective_at: 'effective_at' },
    ...{ amount: 'amount', balance_after: 'balance_after', transfer_id: 'transfer_id', side: 'side' },
  }
  expect(
    await takenOf(owner, [
      copyOf('ledger_entries', entry, 'true'),
      copyOf('ledger_entries', { ...entry, amount: '0' }, 'true'),
      copyOf('ledger_entries', { ...entry, side: `'X'` }, 'true'),
      `update balances set debits = debits + credits + 1 where guarded and sign = 1`,
      `update balances set credits = credits + debits + 1 where guarded and sign = -1`,
      'update reward_positions set pending = pending + 1',
      'update reward_positions set released = -1, granted = granted - released - 1',
      'update cashout_positions set in_payout = in_payout - 1, paid = paid + 1 where in_payout > 1',
      'update cashout_positions set in_payout = in_payout + 1',
      `insert into accounts values (999, 'user:pending', gen_random_uuid(), null, 'usd', now())`,
      `insert into accounts values (999, 'user:loan', gen_random_uuid(), null, 'USD', now())`,
      'insert into ledger_head select false, batch, posted_at, last_transfer, last_account, hash from ledger_head',
      'insert into ledger_head select * from ledger_head',
      'insert into batches select * from batches limit 1',
      `delete from permitted_movements where kind = 'earn'; insert into transfers select * from transfers limit 1`,
    ]),
  ).toEqual([])
})

test('another service, and whoever has only an account, does not get in, and could do nothing if they did', async () => {
  const { database } = await attacked()
  const rewards = await testDatabase('rewards')
  const { username, password } = new URL(rewards.url)
  const url = new URL(database.url)
  Object.assign(url, { username, password })
  const outsider = openDatabase({ url: url.href, applicationName: 'outsider', poolMax: 1 })
  onTestFinished(() => outsider.destroy())
  await expect(query(outsider, 'select 1')).rejects.toMatchObject({ code: '42501' })
  await query(database.db, `grant connect on database ${database.name} to ${username}`)
  const attacks = guarded.flatMap((name) => [
    `select from public.${name}`,
    `delete from public.${name}`,
    `insert into public.${name} default values`,
  ])
  expect(await takenOf(outsider, attacks)).toEqual([])
  await expect(postBatch(outsider as never, batchOf([], { answered: [cause(v7(), 0)] }))).rejects.toMatchObject({
    code: '42883',
  })
  // What everybody may run does nothing with its owner's rights.
  const loose = await query(
    database.db,
    `select p.oid::regprocedure::text as name from pg_proc p cross join aclexplode(coalesce(proacl, acldefault('f', proowner))) a
     where pronamespace = 'public'::regnamespace and prosecdef and a.grantee = 0 and prorettype <> 'trigger'::regtype`,
  )
  expect(loose).toEqual([])
})

test('whatever runs as its owner looks for names where nobody else can put any', async () => {
  const { database } = await attacked()
  const loose = await query(
    database.db,
    `select p.oid::regprocedure::text as name from pg_proc p
     where pronamespace = 'public'::regnamespace and prosecdef
       and not coalesce(proconfig && array['search_path=pg_catalog, public, pg_temp', 'search_path=pg_catalog, pg_temp'], false)`,
  )
  expect(loose).toEqual([])
})
