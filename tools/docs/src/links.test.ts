import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
/** Also what is not committed yet, so that a new page is looked at before it is. */
const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: root })
  .toString()
  .trim()
  .split('\n')
  .filter((page) => existsSync(join(root, page)))

const codePath = /`((?:services|libs|journeys|tools|deploy|docs)\/[\w./-]+\.(?:ts|sql|md|yaml))`/g

test.each(pages)('%s leads to files that exist', (page) => {
  const text = readFileSync(join(root, page), 'utf8')
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link]) => join(dirname(page), link!))
  const paths = [...text.matchAll(codePath)].map(([, path]) => path!)
  expect([...links, ...paths].filter((path) => !existsSync(join(root, path)))).toEqual([])
})

test('the map of the house stays short enough to be read', () => {
  expect(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split('\n').length).toBeLessThanOrEqual(250)
})
