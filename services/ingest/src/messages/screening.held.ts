import { screeningHeld } from '@tributary/contracts'
import { hearScreening } from './hear-screening.ts'

/** Fraud wants a person to look at it. */
export const onScreeningHeld = hearScreening(screeningHeld, 'held')
