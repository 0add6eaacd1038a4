import { run } from '@tributary/service-kit'
import { rewards } from './app.ts'
import { configShape } from './config.ts'

await run(rewards, configShape)
