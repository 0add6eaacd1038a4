import { createHash } from 'node:crypto'
import type { RewardRequest } from '../domain/posting.ts'

/**
 * SHA-256 of what a cause asks for, in hex: the same cause with another fingerprint is a conflict. Only what the ledger
 * acts upon counts, so that a re-publication with a new time, or with fields added later, is still the same request.
 */
export function fingerprintOf(request: Omit<RewardRequest, 'fingerprint'>): string {
  const { kind, rewardId, userId, amount, currency } = request
  // None of the fields can hold a slash, so the joined text has one reading.
  return createHash('sha256').update([kind, rewardId, userId, amount, currency].join('/')).digest('hex')
}
