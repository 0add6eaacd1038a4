import { answer, route } from '@tributary/service-kit'
import { insertSettings } from '../store/attribution-settings.ts'
import { attributionBody, attributionTerms, toAttributionBody } from './attribution-body.ts'
import { doerOf } from './doer.ts'
import { wordsField } from './fields.ts'

/** They count from the second of the request, since many senders write their times in whole seconds. */
export const putAttributionSettings = route({
  method: 'PUT',
  path: '/api/v1/attribution-settings',
  summary: 'Say which touch counts and within which times, for registrations from now on; those of before keep theirs',
  access: { scope: 'rules:write' },
  body: attributionTerms.extend({
    reason: wordsField(500).meta({ description: 'Why, in your words; kept with who did it.' }),
  }),
  idempotencyKey: 'optional',
  answers: { 200: attributionBody },

  async handle({ body }, { transaction, now, principal }) {
    const at = now()
    const activeFrom = new Date(Math.floor(at.getTime() / 1000) * 1000)
    const doing = { doneBy: doerOf(principal), doneAt: at }
    const made = await transaction((tx) => insertSettings(tx, { ...body, ...doing, activeFrom }))
    return answer(200, toAttributionBody(made))
  },
})
