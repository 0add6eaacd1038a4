import { type ServiceName, serviceContracts, serviceNames } from '@tributary/contracts'
import { type Database, openDatabase, query } from '@tributary/database'
import { exchanges, isListening, queueOf } from '@tributary/messaging'
import { defer, type TestDatabase, testBroker, testDatabase } from '@tributary/testing'
import { connect } from 'amqplib'
import { beforeAll, describe, expect, it } from 'vitest'

/** What is written there stays; corrections are new rows. */
const appendOnly: readonly (readonly [ServiceName, string])[] = [
  ['ledger', 'transfers'],
  ['ledger', 'ledger_entries'],
  ['ledger', 'accounts'],
  ['ledger', 'causes'],
  ['ledger', 'batches'],
  ['rewards', 'reward_transactions'],
  ['rewards', 'decisions'],
  ['rewards', 'rule_versions'],
  ['ingest', 'webhook_events'],
  ...serviceNames.map((service) => [service, 'outbox'] as const),
]

const databases = new Map<ServiceName, TestDatabase>()
const asService = new Map<ServiceName, Database>()

beforeAll(async () => {
  for (const service of serviceNames) {
    const database = await testDatabase(service)
    databases.set(service, database)
    const db = openDatabase({ url: database.url, applicationName: 'tests', poolMax: 1 })
    defer(() => db.destroy())
    asService.set(service, db)
  }
})

const databaseOf = (service: ServiceName) => databases.get(service) as TestDatabase
const connectionOf = (service: ServiceName) => asService.get(service) as Database

describe.each(serviceNames)('the database role of %s', (service) => {
  it.each(serviceNames.filter((other) => other !== service))('is refused by the database of %s', async (other) => {
    const url = new URL(databaseOf(service).url)
    url.pathname = `/${databaseOf(other).name}`
    const stranger = openDatabase({ url: url.href, applicationName: 'tests', poolMax: 1 })
    await expect(query(stranger, 'select 1')).rejects.toThrow(/permission denied for database/)
    await stranger.destroy()
  })

  it('can neither make, change nor drop a table, nor become anybody else', async () => {
    const db = connectionOf(service)
    for (const statement of [
      'create table mine (id int)',
      'alter table outbox add column mine int',
      'drop table outbox',
      'truncate outbox',
      `set role ${new URL(databaseOf(service).ownerUrl).username}`,
      'set role postgres',
    ]) {
      await expect(query(db, statement)).rejects.toThrow(/permission denied|must be owner/)
    }
  })
})

describe.each(appendOnly)('in %s, %s', (service, table) => {
  it.each([
    ['updated', `update ${table} set xmin = xmin`],
    ['deleted', `delete from ${table}`],
    ['emptied', `truncate ${table}`],
  ])('is never %s by the service', async (_what, statement) => {
    const [column] = await query<{ name: string }>(
      databaseOf(service).db,
      `select attname as name from pg_attribute where attrelid = ?::regclass and attnum > 0 order by attnum limit 1`,
      [table],
    )
    const real = statement.replace('xmin = xmin', `${column?.name} = ${column?.name}`)
    await expect(query(connectionOf(service), real)).rejects.toThrow(/permission denied/)
  })
})

describe('the owner of the ledger, who may migrate it,', () => {
  it.each(['transfers', 'ledger_entries', 'causes', 'batches'])('cannot change what is in %s either', async (table) => {
    const owner = openDatabase({ url: databaseOf('ledger').ownerUrl, applicationName: 'tests', poolMax: 1 })
    await expect(query(owner, `truncate ${table} cascade`)).rejects.toThrow(/what is posted stays/)
    await owner.destroy()
  })
})

describe('the broker user of', () => {
  let urls: Awaited<ReturnType<typeof testBroker>>['urls']
  beforeAll(async () => {
    urls = (await testBroker()).urls
  })

  /** Does something on a channel of this user's; answers what the broker said against it, or null. */
  async function refusal(service: ServiceName, act: (channel: Act) => unknown): Promise<string | null> {
    const connection = await connect(urls[service])
    connection.on('error', () => {})
    try {
      const channel = await connection.createConfirmChannel()
      const refused = new Promise<string>((resolve) => channel.once('error', (error: Error) => resolve(error.message)))
      const done = (async () => {
        await act(channel)
        await channel.waitForConfirms()
        return null
      })().catch((error: Error) => error.message)
      return await Promise.race([refused, done])
    } finally {
      await connection.close().catch(() => {})
    }
  }
  type Act = Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['createConfirmChannel']>>

  const nouns = serviceNames.flatMap((owner) => serviceContracts[owner].nouns.map((noun) => [owner, noun] as const))

  it.each(serviceNames)('%s may say its own nouns, and is refused all others', async (service) => {
    for (const [owner, noun] of nouns) {
      const answer = await refusal(service, (channel) => {
        channel.publish(exchanges.events, `${noun}.something`, Buffer.from('{}'))
      })
      if (owner === service) expect(answer, noun).toBeNull()
      else expect(answer, noun).toMatch(/ACCESS_REFUSED/)
    }
    for (const other of serviceNames.filter((one) => one !== service)) {
      const answer = await refusal(service, (channel) => {
        channel.publish(exchanges.events, `${other}.parked`, Buffer.from('{}'))
      })
      expect(answer, `${other}.parked`).toMatch(/ACCESS_REFUSED/)
    }
  })

  it.each(serviceNames)('%s reads no queue of others, writes into none, and declares nothing', async (service) => {
    for (const other of serviceNames.filter((one) => one !== service && isListening(one))) {
      expect(await refusal(service, (channel) => channel.consume(queueOf(other), () => {}))).toMatch(/ACCESS_REFUSED/)
      const intruding = await refusal(service, (channel) => {
        channel.publish(exchanges.redeliver, queueOf(other), Buffer.from('{}'))
      })
      expect(intruding).toMatch(/ACCESS_REFUSED/)
      const direct = await refusal(service, (channel) => {
        channel.publish('', queueOf(other), Buffer.from('{}'))
      })
      expect(direct).toMatch(/ACCESS_REFUSED/)
    }
    expect(await refusal(service, (channel) => channel.assertQueue(`${service}-extra`))).toMatch(/ACCESS_REFUSED/)
    expect(await refusal(service, (channel) => channel.deleteQueue(queueOf('rewards')))).toMatch(/ACCESS_REFUSED/)
  })
})
