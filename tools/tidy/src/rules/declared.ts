import type { ProjectFile } from '../file.ts'
import { packageOf, placeOf } from '../place.ts'
import type { Rule } from '../rule.ts'

type Manifest = Readonly<{ name?: string; dependencies?: object; devDependencies?: object }>

/** Every package that code imports stands in the package.json beside it; tests, which run from the root, may use all there are. */
export function declaredImports(files: readonly ProjectFile[]): Rule {
  const manifests = new Map(
    files
      .filter((file) => /(^|\/)package\.json$/.test(file.path))
      .map((file) => [file.path.replace(/\/?package\.json$/, ''), JSON.parse(file.text) as Manifest]),
  )
  const declares = (folder: string, name: string) => {
    const { dependencies, devDependencies, name: own } = manifests.get(folder) ?? {}
    return own === name || [dependencies, devDependencies].some((list) => list !== undefined && name in list)
  }
  return {
    name: 'imports-are-declared',
    why: 'npm puts every package where all can find it, an image of one service does not',
    check(file) {
      const { folder, isTest } = placeOf(file.path)
      return (file.syntax?.imports ?? []).flatMap((one) => {
        const name = packageOf(one)
        if (name === null || declares(folder, name)) return []
        if (isTest && [...manifests.keys()].some((each) => declares(each, name))) return []
        return [
          { at: one.at, what: `imports ${name}, which ${folder === '' ? '' : `${folder}/`}package.json does not name` },
        ]
      })
    },
  }
}
