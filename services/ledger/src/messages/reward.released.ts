import { rewardReleased } from '@tributary/contracts'
import { consume } from '@tributary/messaging'
import { postRequests } from './post-requests.ts'

/** A reward is free: its money becomes available, and pays what the user owes first. */
export const onRewardReleased = consume(rewardReleased, postRequests('release'))
