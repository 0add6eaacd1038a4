import { memberCreated, referralCreated } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import type { Context, Publish } from '@tributary/messaging'
import type { DatedTerms } from '../domain/attribution.ts'
import { isSameEmail, refusalOfReferrer } from '../domain/referral.ts'
import { listTerms } from '../store/attribution-settings.ts'
import { listBrought, lockChains } from '../store/brought.ts'
import { lockReferees, registerReferees } from '../store/referees.ts'
import { findCode, insertCode, lockLookalikes } from '../store/referral-codes.ts'
import { findReferralOf, insertToldReferral } from '../store/referrals.ts'
import { completeUsers, findOrCreateUsers, lockUsersByExternalId, type User } from '../store/users.ts'
import { datedFrom } from './attribution.ts'

/** How one line of an import ended; `refused` says why. */
export type LineResult = Readonly<{ result: 'created' | 'unchanged' | 'refused'; why: string | null }>

const created: LineResult = { result: 'created', why: null }
const unchanged: LineResult = { result: 'unchanged', why: null }
const refused = (why: string): LineResult => ({ result: 'refused', why })

type UserLine = Readonly<{ externalId: string; email?: string | undefined; name?: string | undefined }>

/** Creates users, and fills in what was not known of others. */
export async function importUsers(
  tx: Transaction,
  publish: Publish,
  lines: readonly UserLine[],
  { now, newId }: Context,
): Promise<LineResult[]> {
  const wanted = new Map(
    lines.toReversed().map(({ externalId, email = null, name = null }) => {
      return [externalId, { id: newId(), externalId, email, name }]
    }),
  )
  const { users, created: made } = await findOrCreateUsers(tx, [...wanted.values()], now)
  const results = lines.map(({ externalId, email = null, name = null }): LineResult => {
    const user = users.get(externalId)!
    if (made.delete(user.id)) {
      const because = { correlationId: user.id, subject: user.id }
      publish(memberCreated, { data: { userId: user.id, externalUserId: externalId }, because })
      return created
    }
    if (email !== null && user.email !== null && !isSameEmail(user.email, email)) return refused('user_conflict')
    users.set(externalId, { ...user, email: user.email ?? email, name: user.name ?? name })
    return unchanged
  })
  await completeUsers(
    tx,
    [...users.values()].map(({ id, email, name }) => ({ userId: id, email, name })),
  )
  return results
}

type CodeLine = Readonly<{ externalId: string; code: string }>

/** Gives users the codes that they had elsewhere. */
export async function importCodes(
  tx: Transaction,
  lines: readonly CodeLine[],
  { now }: Pick<Context, 'now'>,
): Promise<LineResult[]> {
  const users = await lockUsersByExternalId(
    tx,
    lines.map((line) => line.externalId),
  )
  const taken = lines.flatMap(({ externalId, code }) => (users.has(externalId) ? [code] : []))
  await lockLookalikes(tx, taken)
  const results: LineResult[] = []
  for (const { externalId, code } of lines) results.push(await importCode(tx, users.get(externalId), code, now))
  return results
}

async function importCode(tx: Transaction, user: User | undefined, code: string, now: Date): Promise<LineResult> {
  if (user === undefined) return refused('user_unknown')
  const known = await findCode(tx, code)
  if (known !== null) return known.userId === user.id ? unchanged : refused('code_taken')
  return (await insertCode(tx, { code, userId: user.id, createdAt: now })) ? created : refused('code_taken')
}

type ReferralLine = Readonly<{ externalId: string; referrerExternalId: string; registeredAt?: string | undefined }>

/** Says who brought customers elsewhere. They count as registered; what they do from then on may be rewarded. */
export async function importReferrals(
  tx: Transaction,
  publish: Publish,
  lines: readonly ReferralLine[],
  context: Context & Readonly<{ doneBy: string }>,
): Promise<LineResult[]> {
  const customers = lines.map((line) => line.externalId)
  const referees = await lockReferees(tx, customers, context.now)
  await lockChains(tx)
  const referrers = lines.map((line) => line.referrerExternalId)
  const known = await lockUsersByExternalId(tx, [...customers, ...referrers])
  const brought = await listBrought(
    tx,
    referrers.flatMap((externalId) => known.get(externalId)?.id ?? []),
  )
  const timeOf = ({ registeredAt }: ReferralLine) => (registeredAt === undefined ? context.now : new Date(registeredAt))
  const terms = await listTerms(tx, new Date(Math.max(...lines.map((line) => timeOf(line).getTime()), 0)))
  const results: LineResult[] = []
  for (const line of lines) {
    const [referee, referrer] = [known.get(line.externalId), known.get(line.referrerExternalId)]
    if (referee === undefined || referrer === undefined) results.push(refused('user_unknown'))
    else {
      const isFirst = referees.get(line.externalId)?.userId == null
      const told = { referee, referrer, at: timeOf(line), isFirst }
      results.push(await importReferral(tx, publish, told, { ...context, brought, terms }))
    }
  }
  return results
}

/** `brought`: a file's own view of who brought whom. */
type Importing = Context & Readonly<{ doneBy: string; brought: Map<string, string>; terms: readonly DatedTerms[] }>

async function importReferral(
  tx: Transaction,
  publish: Publish,
  { referee, referrer, at, isFirst }: { referee: User; referrer: User; at: Date; isFirst: boolean },
  { now, newId, doneBy, brought, terms }: Importing,
): Promise<LineResult> {
  const refusal = refusalOfReferrer(personOf(referrer), personOf(referee), brought)
  if (refusal !== null) return refused(refusal)
  const before = await findReferralOf(tx, referee.id)
  if (before !== null) return before.referrerId === referrer.id ? unchanged : refused('referral_conflict')
  if (isFirst) await registerReferees(tx, [{ externalUserId: referee.externalId, userId: referee.id, at }])
  const ids = { referrerId: referrer.id, refereeId: referee.id, code: null }
  const id = newId()
  const told = { source: 'import', doneBy, note: null } as const
  await insertToldReferral(tx, { ...ids, ...told, id, ...datedFrom(terms, at), isLate: !isFirst }, now)
  brought.set(referee.id, referrer.id)
  const because = { correlationId: referee.id, subject: referee.id }
  publish(referralCreated, { data: { ...ids, referralId: id }, because, time: at })
  return created
}

const personOf = ({ id, email }: User) => ({ userId: id, email })
