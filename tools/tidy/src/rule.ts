import { lineAt, type ProjectFile } from './file.ts'

/** What a rule holds against one file, and where. */
export type Complaint = Readonly<{ at: number; what: string }>

export type Rule = Readonly<{
  name: string
  /** One sentence for whoever broke it: what it protects. */
  why: string
  check(file: ProjectFile): readonly Complaint[]
}>

/** One line per complaint: where, what, and why it matters. */
export function complaintsOf(rules: readonly Rule[], files: readonly ProjectFile[]): string[] {
  return files.flatMap((file) =>
    rules.flatMap((rule) =>
      rule
        .check(file)
        .map(({ at, what }) => `${file.path}:${lineAt(file.text, at)} ${what} (${rule.name}: ${rule.why})`),
    ),
  )
}
