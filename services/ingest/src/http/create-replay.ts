import { timeField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { eventStatuses } from '../domain/event-status.ts'
import { lowestIdAt } from '../domain/event-time.ts'
import { COUNTED_MAX, type Counted, countRange } from '../store/replayable-events.ts'
import { findReplay, insertRangeReplay } from '../store/replays.ts'
import { reasonField, replayBody, toReplayBody } from './replay-body.ts'
import { typePattern } from './webhook-payload.ts'

const counts = z.object({ service: z.string(), kind: z.string(), outcome: z.string(), count: z.int() })

const dryRunBody = z.object({
  dryRun: z.literal(true),
  matched: z.int().meta({ description: `Events of the range, counted up to ${COUNTED_MAX}.` }),
  counted: z.enum(['all', 'first']).meta({ description: 'Whether there may be more than were counted.' }),
  replayable: z.int(),
  byStatus: z.partialRecord(z.enum(eventStatuses), z.int()),
  undecided: z.int().meta({ description: 'Replayable, and nobody decided them: only these can still do something.' }),
  done: z
    .array(counts)
    .meta({ description: 'What services did because of these events. A replay does none of it again.' }),
})

export const createReplay = route({
  method: 'POST',
  path: '/api/v1/webhooks/replays',
  summary: 'Publish all events of a range again, so many a second; or with dryRun say what became of them.',
  access: { scope: 'webhooks:write' },
  body: z.object({
    from: timeField.meta({ description: 'Received at this time or later.' }),
    to: timeField.meta({ description: 'Received before this time.' }),
    type: z.string().max(64).regex(typePattern).optional(),
    source: z
      .string()
      .regex(/^[a-z0-9-]{1,32}$/)
      .optional(),
    status: z.enum(eventStatuses).optional(),
    reason: reasonField.optional(),
    // 200: a fifth of what a small stack works, so that new events are not held up behind old ones.
    eventsPerSecond: z.int().min(1).max(5_000).default(200),
    dryRun: z.boolean().default(false),
  }),
  idempotencyKey: 'optional',
  answers: { 200: dryRunBody, 202: replayBody },

  async handle({ body }, { db, transaction, now, newId, principal }) {
    const { type = null, source = null, status = null, reason = null, eventsPerSecond, dryRun } = body
    const [from, to] = [new Date(body.from), new Date(body.to)]
    if (from >= to) throw new Problem('payload_invalid', { errors: [{ path: '/to', message: 'must be after from' }] })
    const range = { fromId: lowestIdAt(from), toId: lowestIdAt(to), type, source, status }
    if (dryRun) return answer(200, toDryRun(await countRange(db, range)))
    const request = { id: newId(), requestedAt: now(), requestedBy: principal!.id, reason }
    const replay = await transaction(async (tx) => {
      await insertRangeReplay(tx, request, range, eventsPerSecond)
      return await findReplay(tx, request.id)
    })
    return answer(202, toReplayBody(replay!))
  },
})

function toDryRun({ byStatus, effects }: Counted): z.output<typeof dryRunBody> {
  const sum = (one: (row: Counted['byStatus'][number]) => number) => byStatus.reduce((all, row) => all + one(row), 0)
  const matched = sum((row) => row.count)
  return {
    dryRun: true,
    matched,
    counted: matched < COUNTED_MAX ? 'all' : 'first',
    replayable: sum((row) => row.replayable),
    byStatus: Object.fromEntries(byStatus.map(({ status, count }) => [status, count])),
    undecided: sum((row) => (['received', 'parked'].includes(row.status) ? row.replayable : 0)),
    done: [...effects],
  }
}
