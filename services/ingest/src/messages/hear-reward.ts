import type { rewardHeld, rewardReleased, rewardResumed, rewardReversed } from '@tributary/contracts'
import type { Consumer } from '@tributary/messaging'
import { isToldByDecision } from '../domain/effects.ts'
import { hear } from './hear.ts'

type Told = typeof rewardHeld | typeof rewardReleased | typeof rewardResumed | typeof rewardReversed

/** A reward that an event earned went on. That it was earned, or taken back by this very event, its decision told. */
export function hearReward(event: Told, outcome: string): Consumer {
  return hear({
    event,
    about: ({ correlationId }) => correlationId,
    effects({ data, subject, time }, eventId, type) {
      if (isToldByDecision(type, outcome)) return []
      const { rewardId, reason } = { reason: null, ...data }
      return [
        { eventId, subject, service: 'rewards', kind: 'reward', id: rewardId, outcome, reason, at: new Date(time) },
      ]
    },
  })
}
