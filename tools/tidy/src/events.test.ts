import { decisionRecorded, type EventDefinition, type ServiceContract, type ServiceName } from '@tributary/contracts'
import { describe, expect, it } from 'vitest'
import { eventMap, eventPage, faultsOf, type Speaker } from './events.ts'

const event = (type: string): EventDefinition => ({ ...decisionRecorded, type, description: `It is ${type}.` })
const earned = event('reward.earned')
const posted = event('transfer.posted.*')
const parked = event('*.parked')

const speaker = (name: ServiceName, publishes: EventDefinition[], hears: EventDefinition[]): Speaker => ({
  name,
  publishes,
  consumes: hears.map((one) => ({ event: one })),
})
const silent: ServiceContract = { nouns: [], hears: [] }
const contracts: Record<ServiceName, ServiceContract> = {
  ingest: { nouns: [], hears: ['transfer.#', '*.parked'] },
  rewards: { nouns: ['reward'], hears: [] },
  ledger: { nouns: ['transfer'], hears: ['reward.earned'] },
  payouts: silent,
  fraud: silent,
  admin: silent,
}
const ingest = speaker('ingest', [], [posted, parked])
const rewards = speaker('rewards', [earned], [])
const ledger = speaker('ledger', [posted], [earned])

describe('the event map', () => {
  it('has no fault where every consumed event has its one publisher and the contracts say the same', () => {
    expect(faultsOf([ingest, rewards, ledger], contracts, [earned, posted, parked])).toEqual([])
  })

  it.each([
    ['a consumed event without a publisher', [ingest, ledger], /ledger hears reward\.earned, which nobody publishes/],
    ['a second publisher', [ingest, rewards, ledger, speaker('fraud', [earned], [])], /rewards and fraud both publish/],
    [
      'a noun of somebody else',
      [ingest, rewards, speaker('ledger', [posted, event('reward.lost')], [earned])],
      /its nouns do not allow it/,
    ],
    ['an unbound queue', [ingest, speaker('rewards', [earned], [posted]), ledger], /its queue is not bound to it/],
    [
      'a binding without a handler',
      [ingest, rewards, speaker('ledger', [posted], [])],
      /bound to reward\.earned, but handles nothing/,
    ],
    [
      'a binding that brings more than is handled',
      [ingest, rewards, speaker('ledger', [posted, event('transfer.refused')], [earned])],
      /ingest is bound to transfer\.refused, but does not handle it/,
    ],
  ])('tells %s', (_fault, speakers, told) => {
    expect(faultsOf(speakers, contracts, [])).toContainEqual(expect.stringMatching(told))
  })

  it('tells an event that is defined and used by nobody', () => {
    expect(faultsOf([ingest, rewards, ledger], contracts, [event('reward.lost')])).toEqual([
      'reward.lost is defined, but no service publishes or hears it',
    ])
  })

  it('becomes a page with a row for each event and an arrow for each pair of services', () => {
    const page = eventPage(eventMap([ingest, rewards, ledger]))
    expect(page).toContain('| `reward.earned` | It is reward.earned. | rewards | ledger |')
    expect(page).toContain('ledger -->|"transfer.posted.*"| ingest')
  })
})
