import { rewardReversed } from '@tributary/contracts'
import { consume } from '@tributary/messaging'
import { postRequests } from './post-requests.ts'

/** A reward was taken back: from where its money is now, and the user owes what is no longer there. */
export const onRewardReversed = consume(rewardReversed, postRequests('reverse'))
