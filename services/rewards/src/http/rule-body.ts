import { idField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import { statusAt, versionStatuses } from '../domain/rule-life.ts'
import type { RuleChange } from '../store/rule-changes.ts'
import type { StoredVersion } from '../store/rule-versions.ts'
import { ruleDefinition } from './rule-definition.ts'
import { warningsOf } from './rule-warnings.ts'

const trialBody = z.object({
  kind: z.enum(['shadow', 'canary']),
  percent: z.number(),
  from: timeField,
  to: timeField.nullable(),
})

/** One version of a rule, as callers see it. */
export const ruleVersionBody = z.object({
  id: idField,
  version: z.int().min(1),
  status: z.enum(versionStatuses),
  ...ruleDefinition.shape,
  activeFrom: timeField.nullable(),
  activeTo: timeField.nullable(),
  activatedAt: timeField.nullable(),
  activatedBy: z.string().nullable(),
  trials: z.array(trialBody).meta({ description: 'When it was tried out, in shadow or as a canary.' }),
  warnings: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .meta({ description: 'What is allowed and probably not meant.' }),
  createdAt: timeField,
  createdBy: z.string(),
})

export function toRuleVersionBody(row: StoredVersion, now: Date) {
  const { ruleId, version, definition, createdAt, createdBy, activatedBy, trials } = row
  return {
    id: ruleId,
    version,
    status: statusAt(
      {
        version,
        state: row.state,
        activeFromMs: row.activeFrom?.getTime() ?? null,
        activeToMs: row.activeTo?.getTime() ?? null,
        trials: trials.map(({ kind, from, to }) => ({ kind, fromMs: from, toMs: to })),
      },
      now.getTime(),
    ),
    // What came later than the version gets its default.
    ...{ recurring: null, caps: [], timeZone: 'UTC', condition: null, mode: 'active' as const },
    ...definition,
    activeFrom: row.activeFrom?.toISOString() ?? null,
    activeTo: row.activeTo?.toISOString() ?? null,
    activatedAt: row.activatedAt?.toISOString() ?? null,
    activatedBy,
    trials: trials.map(({ kind, percent, from, to }) => ({
      kind,
      percent,
      from: new Date(from).toISOString(),
      to: to === null ? null : new Date(to).toISOString(),
    })),
    warnings: warningsOf(definition).map(({ path, message }) => ({ path: `/${path.join('/')}`, message })),
    createdAt: createdAt.toISOString(),
    createdBy,
  }
}

/** Something that was done to a rule: who, when, why. */
export const ruleChangeBody = z.object({
  version: z.int().nullable(),
  change: z.enum(['drafted', 'shadowed', 'canaried', 'activated', 'retired']),
  from: timeField.nullable().meta({ description: 'From when it counts.' }),
  by: z.string(),
  reason: z.string().nullable(),
  at: timeField,
})

export function toRuleChangeBody({ from, at, ...change }: RuleChange) {
  return { ...change, from: from?.toISOString() ?? null, at: at.toISOString() }
}
