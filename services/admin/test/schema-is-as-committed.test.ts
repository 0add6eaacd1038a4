import { dumpSchema } from '@tributary/database'
import { testDatabase } from '@tributary/testing'
import { expect, test } from 'vitest'

test('the migrations make the schema that is committed for people to read (mend with vitest -u)', async () => {
  const { db } = await testDatabase('admin')
  await expect(await dumpSchema(db)).toMatchFileSnapshot('../src/store/schema.sql')
})
