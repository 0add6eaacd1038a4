import { screeningFailed } from '@tributary/contracts'
import { consume } from '@tributary/messaging'
import { screeningSteps } from '../steps/screening.ts'

/** A reward is fraud: all that is left of it is taken back, released or not. */
export const onScreeningFailed = consume(screeningFailed, screeningSteps('failed'))
