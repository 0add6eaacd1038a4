import type { cashoutRequested, EventData, rewardReleased, rewardResumed } from '@tributary/contracts'

/** What of an event the ledger acts upon; whatever else it carries is for others. */
export const askedOfReward = ({ rewardId, userId, amount, currency }: EventData<typeof rewardReleased>) => ({
  rewardId,
  userId,
  amount,
  currency,
})

export const askedOfHold = (data: EventData<typeof rewardResumed>) => ({
  ...askedOfReward(data),
  sequence: data.sequence,
})

export const askedOfCashout = ({
  cashoutId,
  userId,
  amount,
  currency,
  provider,
}: EventData<typeof cashoutRequested>) => ({ cashoutId, userId, amount, currency, provider })
