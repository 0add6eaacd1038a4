import { type Envelope, memberCreated } from '@tributary/contracts'
import { describe, expect, it } from 'vitest'
import { consume } from './consume.ts'
import { done, ignored, notYet, type Outcome, rejected } from './outcome.ts'

const envelope = (subject: string): Envelope => ({
  messageId: subject,
  subject,
  type: 'member.created',
  source: 'rewards',
  time: '2026-01-01T00:00:00.000Z',
  correlationId: subject,
  causationId: subject,
  traceparent: null,
  data: {},
})

/** A handler that answers the given outcomes, counts up its state, and tells what it saved. */
async function run(outcomes: Outcome[]) {
  const saved: { subject: string; seen: number }[] = []
  const consumer = consume(memberCreated, {
    load: async () => ({ seen: 0 }),
    decide: (state, event) => [
      { outcome: outcomes[Number(event.subject)] as Outcome, seen: state.seen },
      { seen: state.seen + 1 },
    ],
    save: async (_, decided) => {
      for (const { event, decision } of decided) saved.push({ subject: event.subject, seen: decision.seen })
    },
  })
  const context = { now: new Date(0), newId: () => '' }
  const answered = await consumer.handle(
    {} as never,
    outcomes.map((_, index) => envelope(`${index}`)),
    () => {},
    context,
  )
  return { answered, saved }
}

describe('a batch', () => {
  it('is a fold: each event sees what the ones before it used up', async () => {
    const { saved } = await run([done(), done(), ignored('because')])
    expect(saved.map((one) => one.seen)).toEqual([0, 1, 2])
  })

  it('neither saves nor counts what is rejected or not yet possible', async () => {
    const { answered, saved } = await run([done(), rejected('bad'), notYet('early'), done()])
    expect(answered.map((outcome) => outcome.kind)).toEqual(['done', 'rejected', 'not_yet', 'done'])
    expect(saved).toEqual([
      { subject: '0', seen: 0 },
      { subject: '3', seen: 1 },
    ])
  })

  it('does not write at all when there is nothing to write', async () => {
    expect((await run([rejected('bad'), notYet('early')])).saved).toEqual([])
  })
})
