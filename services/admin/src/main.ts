import { run } from '@tributary/service-kit'
import { admin } from './app.ts'
import { configShape } from './config.ts'

await run(admin, configShape)
