import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generated } from './generated.ts'

const root = join(import.meta.dirname, '../../..')
for (const [file, make] of Object.entries(generated)) {
  writeFileSync(join(root, file), await make())
  console.log(`wrote ${file}`)
}
