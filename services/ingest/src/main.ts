import { run } from '@tributary/service-kit'
import { ingest } from './app.ts'
import { configShape } from './config.ts'

await run(ingest, configShape)
