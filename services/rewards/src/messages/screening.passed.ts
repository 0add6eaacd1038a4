import { screeningPassed } from '@tributary/contracts'
import { consume } from '@tributary/messaging'
import { screeningSteps } from '../steps/screening.ts'

/** Nothing looks wrong with a reward: it may be released once it is due. */
export const onScreeningPassed = consume(screeningPassed, screeningSteps('passed'))
