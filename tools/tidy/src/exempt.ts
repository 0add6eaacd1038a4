import type { Exemptions } from './rules/sizes.ts'

/** Files longer than their budget. */
export const longFiles: Exemptions = {}

/** Functions longer than 60 lines, as `path#name`. */
export const longFunctions: Exemptions = {}
