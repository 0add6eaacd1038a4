import { memberErased } from '@tributary/contracts'
import { consume, done } from '@tributary/messaging'
import { type Erasure, insertErasures } from '../store/erasures.ts'

/** A person is to be forgotten: a job goes through the journal for them. Nothing is published in answer. */
export const onMemberErased = consume(memberErased, {
  load: async () => null,

  decide: (state, { data }, { now }) => {
    const erasure: Erasure = { userId: data.userId, externalUserId: data.externalUserId, askedAt: now }
    return [{ outcome: done(), erasure }, state]
  },

  save: (tx, decided) =>
    insertErasures(
      tx,
      decided.map(({ decision }) => decision.erasure),
    ),
})
