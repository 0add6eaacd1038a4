import { answer, route } from '@tributary/service-kit'
import type { Intake } from './intake.ts'
import { systemConfigBody, toSystemConfigBody } from './system-config-body.ts'

export function getSystemConfig({ secrets }: Intake) {
  return route({
    method: 'GET',
    path: '/api/v1/system-config',
    summary: 'The configuration, without its secrets.',
    access: { scope: 'config:read' },
    answers: { 200: systemConfigBody },

    async handle(_input, { db, now }) {
      return answer(200, toSystemConfigBody(await secrets.config(db, now())))
    },
  })
}
