import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { newCounter, newGauge, newHistogram } from './instruments.ts'
import { newMetrics } from './metrics.ts'

const shown = async (registry: Registry, name: string) =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith(`tributary_${name}`))

test('every combination of labels is there at zero before anything happened', async () => {
  const registry = new Registry()
  newCounter(registry, { name: 'webhooks_total', help: 'x', labels: { result: ['ok', 'no'], plan: ['free', 'pro'] } })
  expect(await shown(registry, 'webhooks_total')).toEqual([
    'tributary_webhooks_total{result="ok",plan="free"} 0',
    'tributary_webhooks_total{result="ok",plan="pro"} 0',
    'tributary_webhooks_total{result="no",plan="free"} 0',
    'tributary_webhooks_total{result="no",plan="pro"} 0',
  ])
})

test('values that are known later are shown at zero then, and do not reset what was counted', async () => {
  const registry = new Registry()
  const counter = newCounter(registry, { name: 'messages_total', help: 'x', labels: { type: ['a'] } })
  counter.inc({ type: 'a' }, 5)
  counter.allow({ type: ['b'] })
  expect(await shown(registry, 'messages_total')).toEqual([
    'tributary_messages_total{type="a"} 5',
    'tributary_messages_total{type="b"} 0',
  ])
})

test('a value nobody permitted is counted as other, so labels stay bounded', async () => {
  const registry = new Registry()
  const counter = newCounter(registry, { name: 'messages_total', help: 'x', labels: { type: ['a'] } })
  for (let i = 0; i < 100; i++) counter.inc({ type: `made-up-${i}` })
  expect(await shown(registry, 'messages_total')).toEqual([
    'tributary_messages_total{type="a"} 0',
    'tributary_messages_total{type="other"} 100',
  ])
})

test('one declared combination does not permit the others', async () => {
  const registry = new Registry()
  const gauge = newGauge(registry, { name: 'routes', help: 'x', labels: { route: ['other'], method: ['other'] } })
  gauge.declare({ route: '/a', method: 'GET' })
  gauge.set({ route: '/a', method: 'GET' }, 1)
  gauge.set({ route: '/a', method: 'POST' }, 2)
  expect(await shown(registry, 'routes')).toEqual([
    'tributary_routes{route="other",method="other"} 2',
    'tributary_routes{route="/a",method="GET"} 1',
  ])
})

test('a histogram shows its buckets before the first observation', async () => {
  const registry = new Registry()
  newHistogram(registry, { name: 'wait_seconds', help: 'x', labels: { kind: ['a'] }, buckets: [1] })
  expect(await shown(registry, 'wait_seconds')).toContain('tributary_wait_seconds_bucket{le="1",kind="a"} 0')
})

test('two services in one process have metrics of their own', async () => {
  const [ledger, fraud] = [newMetrics('ledger'), newMetrics('fraud')]
  ledger.outboxPending.set({ service: 'ledger' }, 7)
  expect(await shown(ledger.registry, 'outbox_pending')).toEqual(['tributary_outbox_pending{service="ledger"} 7'])
  expect(await shown(fraud.registry, 'outbox_pending')).toEqual(['tributary_outbox_pending{service="fraud"} 0'])
})
