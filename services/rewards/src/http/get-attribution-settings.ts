import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import { termsBeforeAny } from '../domain/attribution.ts'
import { listSettings } from '../store/attribution-settings.ts'
import { attributionBody, toAttributionBody } from './attribution-body.ts'

/** The newest that are told. */
const HISTORY_MAX = 200

const none = { ...termsBeforeAny, activeFrom: null, reason: null, doneBy: null, doneAt: null }

export const getAttributionSettings = route({
  method: 'GET',
  path: '/api/v1/attribution-settings',
  summary: 'Which touch of a code counts, and within which times; with who said so, when and why',
  access: { scope: 'rules:read' },
  answers: {
    200: attributionBody.extend({
      history: z.array(attributionBody).meta({ description: 'All that ever counted, the newest first, at most 200.' }),
    }),
  },

  async handle(_, { db }) {
    const all = (await listSettings(db, HISTORY_MAX)).map(toAttributionBody)
    return answer(200, { ...(all[0] ?? none), history: all })
  },
})
