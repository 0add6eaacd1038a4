/**
 * Who says what, and who hears it: the one table that the broker's permissions, its bindings,
 * the event map and the databases are made from.
 */
export const serviceNames = ['ingest', 'rewards', 'ledger', 'payouts', 'fraud', 'admin'] as const
export type ServiceName = (typeof serviceNames)[number]

export type ServiceContract = Readonly<{
  /** The first word of every type it may publish. `<service>.parked` and `audit.recorded` come on top, for all. */
  nouns: readonly string[]
  /** The types it listens to, as AMQP topic patterns (`*` one word, `#` any number). */
  hears: readonly string[]
}>

export const serviceContracts: Readonly<Record<ServiceName, ServiceContract>> = {
  ingest: {
    nouns: ['user', 'subscription', 'payment', 'custom', 'config'],
    hears: [
      'decision.recorded',
      'transfer.#',
      '*.parked',
      'reward.held',
      'reward.released',
      'reward.resumed',
      'reward.reversed',
      'screening.held',
      'screening.failed',
      'cashout.requested',
      'cashout.paid',
      'cashout.failed',
      'cashout.rejected',
      'cashout.cancelled',
      'cashout.returned',
      'member.erased',
    ],
  },
  rewards: {
    nouns: ['member', 'referral', 'reward', 'decision'],
    hears: [
      'user.registered',
      'subscription.paid',
      'payment.refunded',
      'payment.disputed',
      'subscription.cancelled',
      'custom.#',
      'screening.#',
      'transfer.refused',
      'config.changed',
    ],
  },
  ledger: {
    nouns: ['transfer'],
    hears: [
      'reward.earned',
      'reward.held',
      'reward.released',
      'reward.resumed',
      'reward.reversed',
      'reward.tallied',
      'cashout.requested',
      'cashout.paid',
      'cashout.failed',
      'cashout.rejected',
      'cashout.cancelled',
      'cashout.returned',
      'config.changed',
    ],
  },
  payouts: { nouns: ['cashout'], hears: [] },
  fraud: { nouns: ['screening'], hears: ['reward.earned'] },
  admin: { nouns: [], hears: [] },
}

/** Whether a service may publish an event of this type. */
export function mayPublish(service: ServiceName, type: string): boolean {
  if (type === `${service}.parked` || type === 'audit.recorded') return true
  const noun = type.slice(0, Math.max(type.indexOf('.'), 0))
  return serviceContracts[service].nouns.includes(noun)
}

/** Whether an AMQP topic pattern (`*` one word, `#` any number of words) matches a routing key. */
export function topicMatches(pattern: string, key: string): boolean {
  return matchWords(pattern.split('.'), key.split('.'))
}

function matchWords(pattern: readonly string[], words: readonly string[]): boolean {
  const [head, ...rest] = pattern
  if (head === undefined) return words.length === 0
  if (head === '#') return matchWords(rest, words) || (words.length > 0 && matchWords(pattern, words.slice(1)))
  return words.length > 0 && (head === '*' || head === words[0]) && matchWords(rest, words.slice(1))
}
