import { createHash, sign, verify } from 'node:crypto'
import type { PublicKey, SigningKeys } from './keys.ts'

/** What a receipt states: that these bytes came under this id, rightly signed, and were stored at this instant. */
export type Acceptance = Readonly<{
  eventId: string
  source: string
  webhookId: string
  /** As the sender named it. */
  type: string
  /** Lower-case hex. */
  bodySha256: string
  /** RFC 3339 in UTC, to the millisecond. */
  receivedAt: string
}>

export type Receipt = Acceptance &
  Readonly<{
    keyId: string
    /** The very characters that are signed; the fields before say the same. */
    statement: string
    /** Ed25519 over the UTF-8 bytes of `statement`, in base64. */
    signature: string
  }>

/** Ed25519 has no chance in it: asked again, the same key signs the same receipt. */
export function signReceipt(accepted: Acceptance, { own, privateKey }: SigningKeys): Receipt {
  const statement = statementOf({ ...accepted, keyId: own.id })
  const signature = sign(null, Buffer.from(statement, 'utf8'), privateKey).toString('base64')
  return { ...accepted, keyId: own.id, statement, signature }
}

/** Every line ends with a line feed, the last one too. No value can hold one. */
function statementOf(receipt: Acceptance & Readonly<{ keyId: string }>): string {
  const lines = [
    'tributary-ingest-receipt 1',
    `event-id: ${receipt.eventId}`,
    `source: ${receipt.source}`,
    `webhook-id: ${receipt.webhookId}`,
    `type: ${receipt.type}`,
    `body-sha256: ${receipt.bodySha256}`,
    `received-at: ${receipt.receivedAt}`,
    `key-id: ${receipt.keyId}`,
  ]
  return lines.map((line) => `${line}\n`).join('')
}

/** Why a receipt proves nothing, one sentence each; none where it is right. `body`, where given, has to be the one it is for. */
export function faultsOfReceipt(receipt: unknown, keys: readonly PublicKey[], body?: Buffer): string[] {
  if (!isReceipt(receipt)) return ['it is no receipt: a field is missing']
  const faults: string[] = []
  if (receipt.statement !== statementOf(receipt)) faults.push('its fields say something else than what was signed')
  const signer = keys.find(({ id }) => id === receipt.keyId)
  if (signer === undefined) faults.push(`it is signed by ${receipt.keyId}, which is none of the keys given`)
  else if (
    !verify(null, Buffer.from(receipt.statement, 'utf8'), signer.key, Buffer.from(receipt.signature, 'base64'))
  ) {
    faults.push('its signature does not fit')
  }
  if (body !== undefined && createHash('sha256').update(body).digest('hex') !== receipt.bodySha256) {
    faults.push('it is for another body')
  }
  return faults
}

const fields = [
  'eventId',
  'source',
  'webhookId',
  'type',
  'bodySha256',
  'receivedAt',
  'keyId',
  'statement',
  'signature',
] as const

function isReceipt(value: unknown): value is Receipt {
  if (typeof value !== 'object' || value === null) return false
  return fields.every((field) => typeof (value as Record<string, unknown>)[field] === 'string')
}
