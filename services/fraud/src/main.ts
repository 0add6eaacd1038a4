import { run } from '@tributary/service-kit'
import { fraud } from './app.ts'
import { configShape } from './config.ts'

await run(fraud, configShape)
