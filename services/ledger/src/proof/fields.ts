import { isInstant } from './bytes.ts'

type Test = (value: unknown) => boolean

const matches = (pattern: RegExp): Test => {
  return (value) => typeof value === 'string' && pattern.test(value)
}
const orNull = (test: Test): Test => {
  return (value) => value === null || test(value)
}

const INT8_MAX = 2n ** 63n - 1n
const int8: Test = (value) =>
  typeof value === 'string' &&
  /^(0|-?[1-9]\d{0,18})$/.test(value) &&
  (value.length < 19 || (BigInt(value) <= INT8_MAX && BigInt(value) >= -INT8_MAX))
const count: Test = (value) => int8(value) && !String(value).startsWith('-')
const uuid = matches(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
const hash = matches(/^[0-9a-f]{64}$/)
const keyId = matches(/^[0-9a-f]{16}$/)
const signature = matches(/^[0-9a-f]{128}$/)
const currency = matches(/^[A-Z]{3}$/)
const text: Test = (value) => typeof value === 'string'

let lastInstant = ''
const instant: Test = (value) => {
  // Thousands of lines share one.
  if (typeof value !== 'string' || (value !== lastInstant && !isInstant(value))) return false
  lastInstant = value
  return true
}

const exportFields = {
  version: (value: unknown) => typeof value === 'number',
  exportedAt: instant,
  headBatch: count,
  headHash: hash,
  lastTransfer: count,
  lastAccount: count,
  lastCheckpoint: count,
  keyId,
  signature,
}

/** The fields of each type of line of an export, in their order, each with what its value must be like. */
export const fields = {
  export: exportFields,
  part: { ...exportFields, until: instant },
  batch: {
    number: count,
    postedAt: instant,
    transfers: count,
    lastTransfer: count,
    lastAccount: count,
    body: hash,
    hash,
  },
  account: {
    id: count,
    kind: text,
    userId: orNull(uuid),
    provider: orNull(text),
    currency,
    openedAt: instant,
  },
  cause: {
    causeId: uuid,
    fingerprint: hash,
    outcome: text,
    reason: orNull(text),
    transferIds: (value) => Array.isArray(value) && value.every(uuid),
    postedAt: instant,
    kind: orNull(text),
    subjectId: orNull(uuid),
    userId: orNull(uuid),
    amount: orNull(int8),
    currency: orNull(currency),
    detail: orNull(text),
  },
  conflict: { causeId: uuid, fingerprint: hash, postedAt: instant },
  transfer: {
    number: count,
    id: uuid,
    causeId: uuid,
    kind: text,
    debitAccount: count,
    creditAccount: count,
    amount: count,
    currency,
    rewardId: orNull(uuid),
    cashoutId: orNull(uuid),
    effectiveAt: instant,
    postedAt: instant,
  },
  entry: {
    accountId: count,
    version: count,
    side: matches(/^[DC]$/),
    amount: count,
    balanceAfter: int8,
    transferId: uuid,
    effectiveAt: instant,
    postedAt: instant,
  },
  archive: {
    number: count,
    retainedFrom: instant,
    lastBatch: count,
    lastInstant: instant,
    lastHash: hash,
    lastTransfer: count,
    lastAccount: count,
    transfers: count,
    entries: count,
    fileName: text,
    fileSha256: hash,
    openingsSha256: hash,
    positionsSha256: hash,
    accountsSha256: hash,
    causesSha256: hash,
    previousSha256: hash,
    postedAt: instant,
  },
  opening: {
    archive: count,
    accountId: count,
    version: count,
    debits: count,
    credits: count,
    balance: int8,
  },
  checkpoint: {
    sequence: count,
    firstBatch: count,
    lastBatch: count,
    chainHash: hash,
    lastTransfer: count,
    transfers: count,
    treeRoot: hash,
    postedUpTo: instant,
    signedAt: instant,
    previous: hash,
    keyId,
    hash,
    signature,
  },
  end: {
    lines: (value) =>
      typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'number'),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Test>>>>
