import { screeningFailed } from '@tributary/contracts'
import { hearScreening } from './hear-screening.ts'

/** Fraud said no. */
export const onScreeningFailed = hearScreening(screeningFailed, 'failed')
