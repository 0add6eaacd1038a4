/** The three headers of a Standard Webhooks request, found well-formed. */
export type WebhookHeaders = Readonly<{
  id: string
  /** Seconds since 1970. */
  timestamp: number
  /** The timestamp as it was sent: the signature covers its characters. */
  timestampText: string
  /** The base64 texts of the v1 signatures, at most `SIGNATURES_MAX`; empty when all are of other versions. */
  signatures: readonly string[]
}>

export type HeaderFault = Readonly<{ code: 'signature_missing' | 'signature_malformed'; detail: string }>

/** The spec lets senders of our kind be off by this much, both ways, and so do all its libraries. */
export const TOLERANCE_SECONDS = 300

/** Two secrets while rotating, some senders with a few more; a longer list only costs us hashing. */
export const SIGNATURES_MAX = 8

// Printable without blanks, and no full stop: the signed text is joined with full stops.
const idPattern = /^[\x21-\x2d\x2f-\x7e]{1,128}$/
// Digits alone: `1614265330abc`, ` 1614265330` and `1.6e9` are no timestamps, whatever a lenient parser reads in them.
const timestampPattern = /^\d{1,11}$/
const signaturePattern = /^v1,[A-Za-z0-9+/]{43}=$/
const otherVersionPattern = /^v(?!1,)[0-9a-z]{1,8},[A-Za-z0-9+/=_-]{1,200}$/
const signatureHeaderMax = 1024

type HeaderValue = string | readonly string[] | undefined

/** What the three headers' names start with: the standard's, and those of Svix, who had the scheme before it. */
const families = ['webhook', 'svix'] as const

/**
 * Reads the headers of a request, or says which is missing or malformed. A header that came twice is malformed. The names
 * `svix-id`, `svix-timestamp` and `svix-signature` are as good; where any header of the standard's names came, only those
 * are looked at, and never one family filled up from the other.
 */
export function readHeaders(headers: Readonly<Record<string, HeaderValue>>): WebhookHeaders | HeaderFault {
  const family = families.find(
    (name) => headers[`${name}-id`] ?? headers[`${name}-timestamp`] ?? headers[`${name}-signature`],
  )
  return readFamily(headers, family ?? families[0])
}

function readFamily(headers: Readonly<Record<string, HeaderValue>>, family: string): WebhookHeaders | HeaderFault {
  const id = headers[`${family}-id`]
  const timestamp = headers[`${family}-timestamp`]
  const signature = headers[`${family}-signature`]
  if (!id) return missing(`${family}-id`)
  if (!timestamp) return missing(`${family}-timestamp`)
  if (!signature) return missing(`${family}-signature`)
  if (typeof id !== 'string' || !idPattern.test(id)) {
    return malformed(`${family}-id must be 1 to 128 printable characters without blanks and full stops, sent once`)
  }
  if (typeof timestamp !== 'string' || !timestampPattern.test(timestamp)) {
    return malformed(`${family}-timestamp must be whole seconds since 1970, digits only, sent once`)
  }
  const signatures = typeof signature === 'string' ? readSignatures(signature) : null
  if (!signatures) {
    return malformed(
      `${family}-signature must be 1 to ${SIGNATURES_MAX} signatures with one blank between them, each such as v1,<44 characters of base64>, sent once`,
    )
  }
  return { id, timestamp: Number(timestamp), timestampText: timestamp, signatures }
}

export function isHeaderFault(read: WebhookHeaders | HeaderFault): read is HeaderFault {
  return 'code' in read
}

/** Whether a timestamp is near enough to our clock, both in seconds. */
export function isWithinTolerance(timestamp: number, nowSeconds: number): boolean {
  return Math.abs(nowSeconds - timestamp) <= TOLERANCE_SECONDS
}

function readSignatures(header: string): string[] | null {
  if (header.length > signatureHeaderMax) return null
  const parts = header.split(' ')
  if (parts.length > SIGNATURES_MAX) return null
  const signatures: string[] = []
  for (const part of parts) {
    if (signaturePattern.test(part)) signatures.push(part.slice(3))
    // The spec asks us to skip versions we do not know.
    else if (!otherVersionPattern.test(part)) return null
  }
  return signatures
}

function missing(header: string): HeaderFault {
  return { code: 'signature_missing', detail: `the header ${header} is missing` }
}

function malformed(detail: string): HeaderFault {
  return { code: 'signature_malformed', detail }
}
