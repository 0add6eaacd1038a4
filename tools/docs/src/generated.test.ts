import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generated } from './generated.ts'

const root = join(import.meta.dirname, '../../..')

test.each(Object.entries(generated))(
  '%s says what the code says; `npm run generate -w tools/docs` writes it',
  async (file, make) => {
    expect(readFileSync(join(root, file), 'utf8')).toBe(await make())
  },
)
