import { idField } from '@tributary/contracts'
import type { Database } from '@tributary/database'
import { AMOUNT_MAX } from '@tributary/money'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { NOBODY } from '../domain/rehearsal.ts'
import type { RuleVersion } from '../domain/rule.ts'
import { BACKTEST_EVENTS_MAX, backtest } from '../steps/backtest.ts'
import { listVersions } from '../store/rule-versions.ts'
import { listRulesFor, type RuleDefinition, termsOf } from '../store/rules.ts'
import { backtestBody, canBeTold, toBacktestBody } from './backtest-body.ts'
import { storedEventType } from './event-type.ts'
import { ruleTimeField } from './fields.ts'
import { ruleDefinition } from './rule-definition.ts'

const body = z
  .object({
    rule: ruleDefinition.optional(),
    ruleId: idField.optional(),
    version: z.int().min(1).optional(),
    from: ruleTimeField,
    to: ruleTimeField,
  })
  .superRefine(({ rule, ruleId, version, from, to }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (rule === undefined && ruleId === undefined) refuse('rule', 'a rule is needed, or the id of one')
    if (version !== undefined && ruleId === undefined) refuse('ruleId', 'is needed with a version')
    if (version !== undefined && rule !== undefined) refuse('version', 'takes the place of a rule; give one of them')
    if (Date.parse(to) <= Date.parse(from)) refuse('to', 'must be after from')
  })

type Asked = z.output<typeof body>

/** One at a time in a process: it reads a lot, and nobody waits for it. */
let isRunning = false

export const backtestRules = route({
  method: 'POST',
  path: '/api/v1/reward-rules/backtest',
  summary:
    'What a rule would have given in a period, event by event in the order in which they were decided, against what was given; nothing is stored',
  access: { scope: 'rules:read' },
  needs: 'rules.backtest',
  body,
  answers: { 200: backtestBody },
  problems: ['not_found'],

  async handle({ body: asked }, { db }) {
    if (isRunning) {
      throw new Problem('temporarily_unavailable', {
        detail: 'another backtest is running',
        headers: { 'retry-after': '10' },
      })
    }
    isRunning = true
    try {
      const { tested, type, rules } = await rulesOf(db, asked)
      const period = { from: new Date(asked.from), to: new Date(asked.to) }
      const done = await backtest(db, type, rules, period)
      if (done.kind === 'too_many') {
        throw refused(`${done.events} events would have to be replayed, and ${BACKTEST_EVENTS_MAX} are the most`)
      }
      if (!canBeTold(done.result)) throw refused(`sums come to more than ${AMOUNT_MAX}; ask for a shorter period`)
      return answer(200, toBacktestBody(tested, done.result, done.unreadable))
    } finally {
      isRunning = false
    }
  },
})

const refused = (message: string) => new Problem('payload_invalid', { errors: [{ path: '/from', message }] })

/** The rule that is tested, and all that would count with it for its type of event. */
async function rulesOf(db: Database, { rule, ruleId, version, from }: Asked) {
  const versions = ruleId === undefined ? [] : await listVersions(db, ruleId)
  if (ruleId !== undefined && versions.length === 0)
    throw new Problem('not_found', { detail: `there is no rule ${ruleId}` })
  const stored = version === undefined ? undefined : versions.find((one) => one.version === version)
  if (version !== undefined && stored === undefined) {
    throw new Problem('not_found', { detail: `rule ${ruleId} has no version ${version}` })
  }
  const definition: RuleDefinition | undefined = rule ?? stored?.definition
  const type = definition === undefined ? versions[0]!.eventType : storedEventType(definition.eventType)
  const tested = ruleId ?? NOBODY
  // Caps may reach back to the first event there was.
  const counting = (await listRulesFor(db, [type], new Date(Math.min(0, Date.parse(from))))).get(type) ?? []
  if (definition === undefined) return { tested, type, rules: counting }
  const instead: RuleVersion = {
    ruleId: tested,
    version: version ?? (versions[0]?.version ?? 0) + 1,
    activeFromMs: -8.64e15,
    activeToMs: null,
    trials: [],
    terms: termsOf(definition),
  }
  return { tested, type, rules: [...counting.filter((one) => one.ruleId !== tested), instead] }
}
