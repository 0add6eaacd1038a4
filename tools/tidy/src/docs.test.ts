import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { problems } from '@tributary/contracts'
import { describe, expect, it } from 'vitest'
import { root } from './project.ts'

const namesIn = (folder: string) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [])

describe('the documents', () => {
  it('have a page for every problem code, and none for a code that is no more', () => {
    const pages = namesIn('docs/errors').filter((name) => name !== 'README.md')
    expect(pages.sort()).toEqual(
      Object.keys(problems)
        .map((code) => `${code}.md`)
        .sort(),
    )
  })

  it('keep a timeline only of journeys that there are', () => {
    const journeys = namesIn('journeys')
    const timelines = journeys.filter((name) => name.endsWith('.timeline.md'))
    expect(timelines.length).toBeGreaterThan(0)
    expect(timelines.filter((name) => !journeys.includes(name.replace('.timeline.md', '.test.ts')))).toEqual([])
    const told = journeys.filter((name) =>
      readFileSync(join(root, 'journeys', name), 'utf8').includes('told.compare()'),
    )
    expect(told.filter((name) => !timelines.includes(name.replace('.test.ts', '.timeline.md')))).toEqual([])
  })

  // Not without gaps: pages are written side by side, and the later number may be done first.
  it('give each decision a number of its own, and list it', () => {
    const pages = namesIn('docs/decisions').filter((name) => name !== 'README.md')
    const numbers = pages.map((name) => /^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1])
    expect(numbers).not.toContain(undefined)
    expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([])
    const list = readFileSync(join(root, 'docs/decisions/README.md'), 'utf8')
    const listed = [...list.matchAll(/^\| \[(\d{4})\]\((\S+)\)/gm)].map(([, number, page]) => [number, page])
    expect(listed).toEqual(pages.toSorted().map((page) => [page.slice(0, 4), page]))
  })
})
