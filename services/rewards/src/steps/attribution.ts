import type { Database, Transaction } from '@tributary/database'
import { type AttributionTerms, type DatedTerms, paymentsEndMs, termsAt } from '../domain/attribution.ts'
import type { Attributing, Attribution, Referral } from '../domain/referral.ts'
import { type CodeOwner, codeKey } from '../domain/referral-code.ts'
import type { Touch, Whose } from '../domain/touch.ts'
import { listTerms } from '../store/attribution-settings.ts'
import { listBrought, lockBrought } from '../store/brought.ts'
import { listCodeOwners, listRetiredCodes, lockCodeOwners } from '../store/referral-codes.ts'
import type { StoredTouch } from '../store/referral-touches.ts'

/** What a registration tells of codes, as its sender wrote it. */
export type ToldTouches = Readonly<{
  referralCode?: string | undefined
  touches?: readonly Readonly<{ code: string; at: string }>[] | undefined
}>

/** All touches that a registration of that time tells of. */
export function touchesOf({ referralCode, touches = [] }: ToldTouches, registeredMs: number): Touch[] {
  const told = touches.map(({ code, at }) => ({ code, atMs: Date.parse(at), isTyped: false }))
  return referralCode === undefined ? told : [...told, { code: referralCode, atMs: registeredMs, isTyped: true }]
}

/** A batch's own view of who may have brought whom; what one registration adds, the next one sees. */
export type AttributionState = Readonly<{
  owners: ReadonlyMap<string, CodeOwner>
  retired: ReadonlySet<string>
  terms: readonly DatedTerms[]
  brought: Map<string, string>
}>

/** Reads what attributing these registrations needs. Nobody whose code it finds can be erased before the end. */
export async function lockAttribution(
  tx: Transaction,
  touches: readonly Touch[],
  { refereeIds, until }: Readonly<{ refereeIds: readonly string[]; until: Date }>,
): Promise<AttributionState> {
  const codes = touches.map(({ code }) => code)
  const owners = await lockCodeOwners(tx, codes)
  const brought = await lockBrought(tx, idsOf(owners), refereeIds)
  return { owners, brought, ...(await loadRest(tx, codes, owners, until)) }
}

/** The same, for looking, never for deciding. */
export async function findAttribution(db: Database, touches: readonly Touch[], until: Date): Promise<AttributionState> {
  const codes = touches.map(({ code }) => code)
  const owners = await listCodeOwners(db, codes)
  const brought = await listBrought(db, idsOf(owners))
  return { owners, brought, ...(await loadRest(db, codes, owners, until)) }
}

async function loadRest(
  tx: Database | Transaction,
  codes: readonly string[],
  owners: ReadonlyMap<string, CodeOwner>,
  until: Date,
): Promise<Pick<AttributionState, 'retired' | 'terms'>> {
  if (codes.length === 0) return { retired: new Set(), terms: [] }
  const nobodys = codes.filter((code) => !owners.has(codeKey(code)))
  return { retired: await listRetiredCodes(tx, nobodys), terms: await listTerms(tx, until) }
}

const idsOf = (owners: ReadonlyMap<string, CodeOwner>): string[] => [
  ...new Set([...owners.values()].map(({ userId }) => userId)),
]

/** What attributing a registration of that time goes by. */
export function attributingAt({ owners, retired, terms, brought }: AttributionState, timeMs: number): Attributing {
  const whoseIs = (code: string): Whose => {
    const key = codeKey(code)
    return owners.get(key) ?? (retired.has(key) ? 'retired' : 'unknown')
  }
  return { terms: termsAt(terms, timeMs), whoseIs, brought }
}

/** The referral that an attribution makes, if any. */
export function referralOf(
  attribution: Attribution,
  made: Pick<Referral, 'id' | 'refereeId' | 'attributedMs' | 'isLate'> & Readonly<{ terms: AttributionTerms }>,
): Referral | null {
  if (attribution.kind === 'none') return null
  const { terms, ...rest } = made
  const state = attribution.kind === 'attributed' ? 'registered' : 'rejected'
  const expiresMs = state === 'registered' ? paymentsEndMs(terms, made.attributedMs) : null
  return { ...rest, referrerId: attribution.owner.userId, state, expiresMs }
}

/** What the settings say of a referral of that time. */
export function datedFrom(all: readonly DatedTerms[], at: Date) {
  const terms = termsAt(all, at.getTime())
  const endMs = paymentsEndMs(terms, at.getTime())
  return { attributedAt: at, expiresAt: endMs === null ? null : new Date(endMs), settingsVersion: terms.version }
}

/** How touches are kept. A code of somebody erased is forgotten, though a sender told it again. */
export function keptTouches({ touches }: Attribution): Omit<StoredTouch, 'eventId'>[] {
  return touches.map(({ code, atMs, owner, outcome }) => ({
    code: outcome === 'code_retired' ? null : code,
    ownerId: owner?.userId ?? null,
    touchedAt: new Date(atMs),
    outcome,
  }))
}

/**
 * What the decision's trace says of an attribution: no codes, by which people may be known. A single touch tells nothing
 * that the reason does not.
 */
export function attributionTrace({ kind, reason, touches }: Attribution, terms: AttributionTerms) {
  const judged = touches.map(({ atMs, owner, outcome }) => ({
    at: new Date(atMs).toISOString(),
    referrerId: owner?.userId ?? null,
    outcome,
  }))
  return { referral: kind, reason, ...(judged.length < 2 ? {} : { terms, touches: judged }) }
}
