import { idField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { decideActivation } from '../domain/rule-life.ts'
import { activateVersion, closeVersion, listVersions, lockRule, type StoredVersion } from '../store/rule-versions.ts'
import { doerOf } from './doer.ts'
import { ruleTimeField } from './fields.ts'
import { ruleVersionBody, toRuleVersionBody } from './rule-body.ts'

/**
 * Lets a version count for events from `activeFrom` on. The time may lie in the past: events that come late are judged
 * by it, what is decided stays. Without it a first version counts from the second of the request, since many senders
 * write their times in whole seconds.
 */
export const activateRule = route({
  method: 'POST',
  path: '/api/v1/reward-rules/{id}/activate',
  summary: 'Let a version of a rule count',
  access: { scope: 'rules:write' },
  params: z.object({ id: idField }),
  body: z.object({ version: z.int().min(1), activeFrom: ruleTimeField.nullable().default(null) }),
  idempotencyKey: 'optional',
  answers: { 200: ruleVersionBody },
  problems: ['not_found', 'rule_state_conflict'],

  async handle({ params: { id }, body: { version, activeFrom } }, { transaction, now, principal }) {
    const at = now()
    const activated = await transaction(async (tx) => {
      const rule = await lockRule(tx, id)
      if (rule === null) throw new Problem('not_found', { detail: `there is no rule ${id}` })
      const versions = await listVersions(tx, id)
      const isFirst = versions.every((one) => one.activeFrom === null)
      const from = activeFrom === null ? startOf(at, isFirst) : new Date(activeFrom)
      const decision = decideActivation(versions.map(lifeOf), version, from.getTime(), rule.isRetired)
      if (decision.kind === 'unknown')
        throw new Problem('not_found', { detail: `rule ${id} has no version ${version}` })
      if (decision.kind === 'refused') throw new Problem('rule_state_conflict', { detail: decision.why })
      if (decision.closes !== null) await closeVersion(tx, id, decision.closes, from)
      return activateVersion(tx, { ruleId: id, version, from }, { by: doerOf(principal), at })
    })
    return answer(200, toRuleVersionBody(activated))
  },
})

function startOf(now: Date, isFirst: boolean): Date {
  return isFirst ? new Date(Math.floor(now.getTime() / 1000) * 1000) : now
}

function lifeOf({ version, state, activeFrom, activeTo }: StoredVersion) {
  return { version, state, activeFromMs: activeFrom?.getTime() ?? null, activeToMs: activeTo?.getTime() ?? null }
}
