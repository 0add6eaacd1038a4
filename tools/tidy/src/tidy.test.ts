import { describe, expect, it } from 'vitest'
import { longFiles, longFunctions } from './exempt.ts'
import { longest, readProject } from './project.ts'
import { complaintsOf } from './rule.ts'
import { declaredImports } from './rules/declared.ts'
import { importRules } from './rules/imports.ts'
import { purityRules } from './rules/purity.ts'
import { fileLength, functionLength, staleExemptions } from './rules/sizes.ts'
import { wordRules } from './rules/words.ts'

const files = readProject()

describe('the project keeps its own rules', () => {
  it('on who imports what', () => {
    expect(complaintsOf(importRules, files)).toEqual([])
  })

  it('on declaring what is imported', () => {
    expect(complaintsOf([declaredImports(files)], files)).toEqual([])
  })

  it('on what code may touch', () => {
    expect(complaintsOf(purityRules, files)).toEqual([])
  })

  it('on the size of files and functions', () => {
    expect(complaintsOf([fileLength(longFiles), functionLength(longFunctions)], files)).toEqual([])
    expect([...staleExemptions(longFiles, files), ...staleExemptions(longFunctions, files)]).toEqual([])
    const lines = longest(files, 10).map(({ path, lines }) => `${String(lines).padStart(5)} ${path}`)
    console.log(`The ten longest files:\n${lines.join('\n')}`)
  })

  it('on words and names', () => {
    expect(complaintsOf(wordRules, files)).toEqual([])
  })
})
