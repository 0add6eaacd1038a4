import { cutLine, testBroker, until } from '@tributary/testing'
import { expect, it } from 'vitest'
import { realClockwork } from '../src/backoff.ts'
import { type Delivery, openConsumeLink } from '../src/broker.ts'
import { message, payload } from './rig.ts'

const queue = 'tributary.fraud'

/** A link through a line that can be hurt, with one message delivered by it. */
async function linked(onState: (state: string, ack: () => void) => void) {
  const broker = await testBroker()
  const line = await cutLine(broker.urls.fraud)
  const deliveries: Delivery[] = []
  const errors: unknown[] = []
  let resets = 0
  const link = openConsumeLink(
    {
      url: line.url,
      name: 'test',
      clockwork: realClockwork,
      onState: (state) => onState(state, ack),
      onError: (error) => errors.push(error),
    },
    [{ queue, prefetch: 10, onDelivery: (one) => deliveries.push(one), onReset: () => resets++ }],
  )
  const ack = () => {
    const [first] = deliveries
    if (first) link.ackUpTo(queue, first)
  }
  const channel = await broker.channel()
  channel.publish('', queue, payload('any'), message())
  await until('its delivery', () => deliveries.length === 1)
  return { line, link, deliveries, errors, ack, resets: () => resets }
}

it('acks after the line broke and before the link has noticed everywhere', async () => {
  let thrown: unknown = null
  const { line, link, deliveries } = await linked((state, ack) => {
    if (state !== 'connecting') return
    try {
      ack()
    } catch (error) {
      thrown = error
    }
  })
  line.cut()
  await until('it to be noticed', () => link.state() === 'connecting')
  line.mend()
  await until('its second delivery', () => deliveries.length === 2)
  await link.stop()
  expect(thrown).toBeNull()
  expect(deliveries[1]?.messageId).toBe(deliveries[0]?.messageId)
})

it('acks while the channel is closing', async () => {
  const { line, link, ack } = await linked(() => {})
  line.freeze()
  const stopped = link.stop()
  await new Promise(setImmediate)
  expect(ack).not.toThrow()
  line.mend()
  await stopped
})
