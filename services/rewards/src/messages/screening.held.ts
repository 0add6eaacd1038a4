import { screeningHeld } from '@tributary/contracts'
import { consume } from '@tributary/messaging'
import { screeningSteps } from '../steps/screening.ts'

/** A reward waits for a person to look at it: it is not released, however long that takes. */
export const onScreeningHeld = consume(screeningHeld, screeningSteps('held'))
