import { type Database, inTransaction, query, type Transaction } from '@tributary/database'
import { newPublisher } from '@tributary/messaging'
import { v7 } from 'uuid'
import type { Request } from '../../src/domain/request.ts'
import type { Status } from '../../src/domain/status.ts'
import { postNow } from '../../src/steps/post.ts'
import { type Request as Asked, postIn, requestKinds } from '../rig.ts'
import type { Batch, EventRequest } from './commands.ts'

/** What the ledger answered, request by request in the order in which it worked them, and after which batch of its chain. */
export type Answered = Readonly<{
  requests: readonly Request[]
  statuses: readonly Status[]
  upTo: bigint
  wrote: boolean
}>

/**
 * Has the ledger work a batch in one transaction. The lock is still held when the chain's end is read, so `upTo` says
 * where in the order of all writers this batch stands, also when it wrote nothing.
 */
export function postBatchOf(db: Database, { way, requests }: Batch): Promise<Answered> {
  return inTransaction(db, async (tx) => {
    await query(tx, 'select lock_ledger()')
    const before = await headOf(tx)
    const worked = way === 'command' ? requests : asEvents(requests)
    const statuses = way === 'command' ? await asCommand(tx, worked) : await asMessages(tx, worked)
    const upTo = await headOf(tx)
    return { requests: worked, statuses, upTo, wrote: upTo > before }
  })
}

async function headOf(tx: Transaction): Promise<bigint> {
  const [head] = await query<{ batch: bigint }>(tx, 'select batch from ledger_head')
  return head!.batch
}

async function asCommand(tx: Transaction, requests: readonly Request[]): Promise<Status[]> {
  const publisher = newPublisher('ledger', { now: new Date(), newId: () => v7() })
  const asks = requests.map((request) => ({
    request,
    because: { correlationId: v7(), subject: v7() },
    effectiveAt: new Date().toISOString(),
  }))
  const posted = await postNow(tx, publisher.publish, () => v7(), asks)
  await publisher.flush(tx)
  return posted.map(({ status }) => status)
}

/** Kind by kind, as the service works a batch of messages. */
function asEvents(requests: readonly Request[]): EventRequest[] {
  return requestKinds.flatMap((kind) => requests.filter((one): one is EventRequest => one.kind === kind))
}

async function asMessages(tx: Transaction, requests: readonly Request[]): Promise<Status[]> {
  const outcomes = await postIn(
    tx,
    (requests as readonly EventRequest[]).map(
      (one): Asked => ('cashoutId' in one ? { ...one, rewardId: one.cashoutId } : one),
    ),
  )
  return outcomes.map((outcome) => ('reason' in outcome ? (outcome.reason as Status) : 'posted'))
}
