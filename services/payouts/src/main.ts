import { run } from '@tributary/service-kit'
import { payouts } from './app.ts'
import { configShape } from './config.ts'

await run(payouts, configShape)
