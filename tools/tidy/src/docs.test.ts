import { existsSync, readdirSync } from 'node:fs'
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

  it('number the decisions without gaps or doubles', () => {
    const numbers = namesIn('docs/decisions')
      .filter((name) => name !== 'README.md')
      .map((name) => Number(/^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1]))
    expect(numbers.sort((one, other) => one - other)).toEqual(numbers.map((_, index) => index + 1))
  })
})
