import { AsyncLocalStorage } from 'node:async_hooks'
import type { ServiceName } from '@tributary/contracts'
import { type Database, inTransaction } from '@tributary/database'
import { newPublisher } from '@tributary/messaging'
import type { InTransaction } from './route.ts'

export type TransactionOptions = Readonly<{
  service: ServiceName
  db: Database
  now: () => Date
  newId: () => string
  /** Tells the relay that the outbox has something, after the commit. */
  wake: () => void
}>

const open = new AsyncLocalStorage<true>()

/** Whether the caller runs inside a transaction of the kit. A remote call there would hold locks for as long as the other side likes. */
export const isInTransaction = (): boolean => open.getStore() === true

/** Opens transactions whose commit also writes what was published; the relay is woken after it. */
export function newInTransaction({ service, db, now, newId, wake }: TransactionOptions): InTransaction {
  return async (run) => {
    let published = 0
    const result = await inTransaction(db, async (tx) => {
      const publisher = newPublisher(service, { now: now(), newId })
      const answer = await open.run(true, () => run(tx, publisher.publish))
      published = await publisher.flush(tx)
      return answer
    })
    if (published > 0) wake()
    return result
  }
}
