/** What a condition gets to see. What an event does not tell is left out; asking for it makes the condition unmet. */
export type ConditionInput = Readonly<{
  event: Readonly<{
    type: string
    timestamp: Date
    amount?: bigint
    currency?: string
    /** As the sender wrote it. */
    data: Readonly<Record<string, unknown>>
  }>
  referrer: Readonly<{ id: string; conversions: bigint }>
  referee: Readonly<{ id: string }>
  referral: Readonly<{ id: string; attributedAt: Date; ageDays: bigint }>
  invoice?: Readonly<{ id: string; subscriptionId: string; period: bigint }>
}>

/** A condition ready to be asked. */
export type Condition = Readonly<{
  /** As its author wrote it. */
  text: string
  /** `seen` tells the values it looked at, or why it could not be answered; it is unmet then. */
  ask(input: ConditionInput): Readonly<{ met: boolean; seen: string }>
}>
