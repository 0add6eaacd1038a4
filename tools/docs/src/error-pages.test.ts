import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { problems } from '@tributary/contracts'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '../../../docs/errors')

test.each(Object.entries(problems))(
  'the page of %s says what happened, what to do, and whether to retry',
  (code, problem) => {
    const page = readFileSync(join(folder, `${code}.md`), 'utf8')
    expect(page).toContain(`# ${code}\n\n**${problem.status}** ${problem.title}.\n`)
    const sections = page.split(/^## /m).slice(1)
    expect(sections.map((section) => section.split('\n')[0])).toEqual(['What happened', 'What to do', 'May I retry?'])
    for (const section of sections) expect(section.split('\n\n').slice(1).join('').trim().length).toBeGreaterThan(10)
  },
)
