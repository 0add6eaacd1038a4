/** What a service did because of a sender's event. */
export type Effect = Readonly<{
  /** The sender's event. */
  eventId: string
  /** The message that told us; told again, it adds nothing. */
  subject: string
  service: string
  kind: string
  id: string
  outcome: string
  reason: string | null
  at: Date
}>

type Decision = Readonly<{
  decisionId: string
  outcome: 'processed' | 'ignored'
  reason: string | null
  rewardIds: readonly string[]
}>

/** The decision itself, and each reward that it granted or changed. `type` is the sender's event's. */
export function effectsOfDecision(
  decision: Decision,
  type: string,
  told: Readonly<{ eventId: string; subject: string; at: Date }>,
): Effect[] {
  const { decisionId, outcome, reason, rewardIds } = decision
  const common = { ...told, service: 'rewards' }
  return [
    { ...common, kind: 'decision', id: decisionId, outcome, reason },
    ...rewardIds.map((id) => ({
      ...common,
      kind: 'reward',
      id,
      outcome: rewardOutcomes[type] ?? 'earned',
      reason: null,
    })),
  ]
}

/** Whether the decision on an event of this type has told already what became of its rewards. */
export function isToldByDecision(type: string, outcome: string): boolean {
  return rewardOutcomes[type] === outcome
}

/** What an event does to the rewards it touches; every other type can only earn them. */
const rewardOutcomes: Readonly<Record<string, string>> = {
  'payment.refunded': 'reversed',
  'payment.disputed': 'changed',
}
