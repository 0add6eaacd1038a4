/** Where a reward's money is; a hold remembers whether it takes waiting money or money that was handed over. */
export type ModelReward = {
  userId: string
  currency: string
  granted: bigint
  waiting: bigint
  heldWaiting: bigint
  handedOver: bigint
  heldHandedOver: bigint
  reversed: bigint
  sequence: number
  isHeld: boolean
}

/** A cashout's money is in one place. */
export type ModelCashout = {
  userId: string
  currency: string
  amount: bigint
  paidBy: string | null
  stands: 'in_payout' | 'paid' | 'returned' | 'bounced'
}

export type Books = Readonly<{
  /** What was asked under each cause that has its answer. */
  answered: Map<string, string>
  conflicts: Set<string>
  rewards: Map<string, ModelReward>
  cashouts: Map<string, ModelCashout>
  refusedCashouts: Set<string>
  /** By `place`; raised by credits, lowered by debits. */
  balances: Map<string, bigint>
  /** Earned and given by hand, ever, by `place` with the name `given`. */
  given: Map<string, bigint>
}>

export const newBooks = (): Books => ({
  answered: new Map(),
  conflicts: new Set(),
  rewards: new Map(),
  cashouts: new Map(),
  refusedCashouts: new Set(),
  balances: new Map(),
  given: new Map(),
})

/** Names an account: whose it is, in which currency, of which kind. */
export const place = (owner: string, currency: string, kind: string) => `${owner} ${currency} ${kind}`
