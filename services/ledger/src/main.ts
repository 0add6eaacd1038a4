import { run } from '@tributary/service-kit'
import { ledger } from './app.ts'
import { configShape } from './config.ts'

await run(ledger, configShape)
