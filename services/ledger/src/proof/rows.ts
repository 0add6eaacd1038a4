/**
 * The rows that the books are made of, as an export carries them and as they are hashed: numbers that may need 64 bits as
 * decimal text, hashes as lower-case hex, instants as RFC 3339 in UTC with six digits after the second.
 */
export type BatchRow = Readonly<{
  type: 'batch'
  number: string
  postedAt: string
  transfers: string
  lastTransfer: string
  lastAccount: string
  body: string
  hash: string
}>

export type AccountRow = Readonly<{
  type: 'account'
  id: string
  kind: string
  userId: string | null
  provider: string | null
  currency: string
  openedAt: string
}>

/** An answer kept for ever, with what was asked; the fields from `kind` on are null on rows from before they were kept. */
export type CauseRow = Readonly<{
  type: 'cause'
  causeId: string
  fingerprint: string
  outcome: string
  reason: string | null
  transferIds: readonly string[]
  postedAt: string
  kind: string | null
  subjectId: string | null
  userId: string | null
  amount: string | null
  currency: string | null
  detail: string | null
}>

/** A cause that came back with other content. */
export type ConflictRow = Readonly<{ type: 'conflict'; causeId: string; fingerprint: string; postedAt: string }>

export type TransferRow = Readonly<{
  type: 'transfer'
  number: string
  id: string
  causeId: string
  kind: string
  debitAccount: string
  creditAccount: string
  amount: string
  currency: string
  rewardId: string | null
  cashoutId: string | null
  effectiveAt: string
  postedAt: string
}>

export type EntryRow = Readonly<{
  type: 'entry'
  accountId: string
  version: string
  side: string
  amount: string
  balanceAfter: string
  transferId: string
  effectiveAt: string
  postedAt: string
}>

/** What a checkpoint says; see checkpoint.ts for the text that is signed. */
export type CheckpointRow = Readonly<{
  type: 'checkpoint'
  sequence: string
  firstBatch: string
  lastBatch: string
  chainHash: string
  lastTransfer: string
  transfers: string
  treeRoot: string
  postedUpTo: string
  signedAt: string
  previous: string
  keyId: string
  /** Of the text; what the next checkpoint names as `previous`. */
  hash: string
  /** Ed25519 over the text, hex. */
  signature: string
}>

/** What a batch let go: everything posted before `retainedFrom` and after the archive before. */
export type ArchiveRow = Readonly<{
  type: 'archive'
  number: string
  retainedFrom: string
  /** The end of the chain there. */
  lastBatch: string
  lastInstant: string
  lastHash: string
  lastTransfer: string
  lastAccount: string
  transfers: string
  entries: string
  fileName: string
  fileSha256: string
  openingsSha256: string
  positionsSha256: string
  accountsSha256: string
  causesSha256: string
  /** Of the archive before. */
  previousSha256: string
  postedAt: string
}>

/** What an account came to that an archive touched. */
export type OpeningRow = Readonly<{
  type: 'opening'
  archive: string
  accountId: string
  version: string
  debits: string
  credits: string
  balance: string
}>

export type BookRow = BatchRow | AccountRow | CauseRow | ConflictRow | TransferRow | EntryRow | ArchiveRow
