import { openDatabase, query } from '@tributary/database'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { testBroker, testDatabase } from '../src/index.ts'

const names: string[] = []

describe('a test database', () => {
  it('is migrated, empty and its own', async () => {
    const [one, other] = await Promise.all([testDatabase('fraud'), testDatabase('fraud')])
    names.push(one.name, other.name)
    await query(one.db, `insert into inbox select '01900000-0000-7000-8000-000000000000' where false`)
    await query(one.db, 'create table only_here (id int)')
    expect(await query(other.db, `select to_regclass('only_here') as found`)).toEqual([{ found: null }])
  })

  it('lets the service do what migrations grant and nothing else', async () => {
    const { url, name, superuserUrl } = await testDatabase('fraud')
    names.push(name)
    const asService = openDatabase({ url, applicationName: 'tests', poolMax: 1 })
    await expect(query(asService, 'select count(*) from outbox')).resolves.toHaveLength(1)
    await expect(query(asService, 'delete from outbox')).rejects.toThrow(/permission denied/)
    await expect(query(asService, 'create table mine (id int)')).rejects.toThrow(/permission denied/)
    await asService.destroy()
    const elsewhere = new URL(url)
    elsewhere.pathname = new URL((await testDatabase('rewards')).superuserUrl).pathname
    const stranger = openDatabase({ url: elsewhere.href, applicationName: 'tests', poolMax: 1 })
    await expect(query(stranger, 'select 1')).rejects.toThrow(/permission denied for database/)
    await stranger.destroy()
    expect(superuserUrl).not.toBe(url)
  })

  afterAll(async () => {
    const admin = openDatabase({ url: inject('servers').postgresUrl, applicationName: 'tests', poolMax: 1 })
    expect(names.length).toBe(3)
    expect(await query(admin, 'select from pg_database where datname = any(?::text[])', [names])).toEqual([])
    await admin.destroy()
  })
})

describe('a test broker', () => {
  it('lets a service say its own nouns and no others', async () => {
    const broker = await testBroker()
    const { connect } = await import('amqplib')
    const connection = await connect(broker.urls.fraud)
    connection.on('error', () => {})
    const publish = async (type: string) => {
      const channel = await connection.createConfirmChannel()
      const closed = new Promise<string>((resolve) => channel.once('error', (error: Error) => resolve(error.message)))
      const sent = new Promise<string>((resolve) => {
        channel.publish('tributary.events', type, Buffer.from('{}'), {}, (error) => {
          if (!error) resolve('confirmed')
        })
      })
      return Promise.race([closed, sent])
    }
    expect(await publish('screening.passed')).toBe('confirmed')
    expect(await publish('reward.earned')).toMatch(/ACCESS_REFUSED/)
    await connection.close().catch(() => {})
  })
})
