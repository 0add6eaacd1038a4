import { idField } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import { answer, Problem, requireFeatures, route } from '@tributary/service-kit'
import { z } from 'zod'
import { decideActivation, decideTrial } from '../domain/rule-life.ts'
import { type Doing, insertRuleChange, lockRule } from '../store/rule-changes.ts'
import { featuresOf } from '../store/rule-features.ts'
import { activateVersion, closeVersion, listVersions, type StoredVersion, startTrial } from '../store/rule-versions.ts'
import { doerOf } from './doer.ts'
import { ruleTimeField, wordsField } from './fields.ts'
import { ruleVersionBody, toRuleVersionBody } from './rule-body.ts'
import { activationExamples } from './rule-examples.ts'

const activation = z
  .object({
    version: z.int().min(1),
    activeFrom: ruleTimeField.nullable().default(null),
    mode: z
      .enum(['active', 'shadow', 'canary'])
      .optional()
      .meta({ description: "The version's own mode where it is left out." }),
    percent: z.int().min(1).max(99).optional().meta({ description: 'Of the users, for a canary.' }),
    reason: wordsField(500).optional(),
  })
  .superRefine(({ mode, percent, activeFrom }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (mode === 'canary' && percent === undefined) refuse('percent', 'is needed for a canary')
    if (mode !== 'canary' && percent !== undefined) refuse('percent', 'is for a canary alone')
    if ((mode === 'canary' || mode === 'shadow') && activeFrom !== null) {
      refuse('activeFrom', 'a trial begins when it is asked for')
    }
  })

type Activation = z.output<typeof activation>

/**
 * Lets a version count for events from `activeFrom` on, or tries it out. The time may lie in the past: events that come
 * late are judged by it, what is decided stays. Without it a first version counts from the second of the request, since
 * many senders write their times in whole seconds.
 */
export const activateRule = route({
  method: 'POST',
  path: '/api/v1/reward-rules/{id}/activate',
  summary: 'Let a version of a rule count, now or later, or try it out: in shadow, or as a canary for some users',
  access: { scope: 'rules:write' },
  params: z.object({ id: idField }),
  body: activation,
  examples: activationExamples,
  idempotencyKey: 'optional',
  answers: { 200: ruleVersionBody },
  problems: ['not_found', 'plan_required', 'rule_state_conflict'],

  async handle({ params: { id }, body }, { transaction, now, newId, principal }) {
    const doing = { by: doerOf(principal), at: now(), reason: body.reason ?? null }
    const changed = await transaction(async (tx) => {
      const rule = await lockRule(tx, id)
      if (rule === null) throw new Problem('not_found', { detail: `there is no rule ${id}` })
      const versions = await listVersions(tx, id)
      const definition = versions.find(({ version }) => version === body.version)?.definition
      const mode = body.mode ?? definition?.mode ?? 'active'
      if (definition !== undefined) await requireFeatures(tx, featuresOf({ ...definition, mode }))
      const asked = { ...body, mode, ruleId: id, id: newId(), isRetired: rule.isRetired }
      return mode === 'active' ? await activate(tx, versions, asked, doing) : await tryOut(tx, versions, asked, doing)
    })
    return answer(200, toRuleVersionBody(changed, doing.at))
  },
})

type Asked = Activation & Readonly<{ ruleId: string; id: string; isRetired: boolean }>

async function activate(
  tx: Transaction,
  versions: readonly StoredVersion[],
  { ruleId, id, version, activeFrom, isRetired }: Asked,
  doing: Doing,
): Promise<StoredVersion> {
  const isFirst = versions.every((one) => one.activeFrom === null)
  const from = activeFrom === null ? startOf(doing.at, isFirst) : new Date(activeFrom)
  const decision = decideActivation(versions.map(lifeOf), version, from.getTime(), isRetired)
  refuseUnless(decision, ruleId, version)
  if (decision.kind === 'activate' && decision.closes !== null) await closeVersion(tx, ruleId, decision.closes, from)
  await insertRuleChange(tx, ruleId, { id, version, change: 'activated', from, ...doing })
  return activateVersion(tx, { ruleId, version, from }, doing)
}

async function tryOut(
  tx: Transaction,
  versions: readonly StoredVersion[],
  { ruleId, id, version, mode, percent = 100, isRetired }: Asked,
  doing: Doing,
): Promise<StoredVersion> {
  refuseUnless(decideTrial(versions.map(lifeOf), version, isRetired), ruleId, version)
  const kind = mode === 'canary' ? 'canary' : 'shadow'
  const change = mode === 'canary' ? 'canaried' : 'shadowed'
  const from = startOf(doing.at, true)
  await insertRuleChange(tx, ruleId, { id, version, change, from, ...doing })
  return startTrial(tx, { ruleId, version, kind, percent, from })
}

function refuseUnless(decision: Readonly<{ kind: string; why?: string }>, ruleId: string, version: number): void {
  if (decision.kind === 'unknown')
    throw new Problem('not_found', { detail: `rule ${ruleId} has no version ${version}` })
  if (decision.why !== undefined) throw new Problem('rule_state_conflict', { detail: decision.why })
}

function startOf(now: Date, isFirst: boolean): Date {
  return isFirst ? new Date(Math.floor(now.getTime() / 1000) * 1000) : now
}

function lifeOf({ version, state, activeFrom, activeTo, trials }: StoredVersion) {
  return {
    version,
    state,
    activeFromMs: activeFrom?.getTime() ?? null,
    activeToMs: activeTo?.getTime() ?? null,
    trials: trials.map(({ kind, from, to }) => ({ kind, fromMs: from, toMs: to })),
  }
}
