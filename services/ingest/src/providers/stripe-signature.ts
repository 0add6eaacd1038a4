import type { IncomingHttpHeaders } from 'node:http'
import type { HeaderFault } from '../domain/webhook-headers.ts'
import { isHmacOf } from './hmac.ts'
import type { Signed } from './provider.ts'

const header = 'stripe-signature'
/** One for each live secret, while Stripe rolls one. */
const signaturesMax = 8
const headerMax = 1024

/** `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>]` over `t.body`; other schemes in the list (`v0`) are skipped. */
export function readStripeSignature(headers: IncomingHttpHeaders): Signed | HeaderFault {
  const given = headers[header]
  if (!given) return { code: 'signature_missing', detail: `the header ${header} is missing` }
  const read = typeof given === 'string' && given.length <= headerMax ? readParts(given) : null
  if (!read) {
    return {
      code: 'signature_malformed',
      detail: `${header} must be t=<seconds since 1970> and 1 to ${signaturesMax} v1=<64 hexadecimal digits>, with commas between`,
    }
  }
  const { timestampText, digests } = read
  return {
    id: null,
    timestamp: Number(timestampText),
    isSignedBy: (keys, body) => isHmacOf(keys, [`${timestampText}.`, body], digests),
  }
}

function readParts(text: string): { timestampText: string; digests: Buffer[] } | null {
  const times: string[] = []
  const digests: Buffer[] = []
  for (const part of text.split(',')) {
    const [, name, value = ''] = /^\s*([a-z0-9_]{1,16})=(\S+)\s*$/.exec(part) ?? []
    if (name === undefined) return null
    if (name === 't') times.push(value)
    if (name !== 'v1') continue
    if (!/^[0-9a-f]{64}$/i.test(value)) return null
    digests.push(Buffer.from(value, 'hex'))
  }
  const [timestampText] = times
  if (times.length !== 1 || !/^\d{1,11}$/.test(timestampText!)) return null
  if (digests.length === 0 || digests.length > signaturesMax) return null
  return { timestampText: timestampText!, digests }
}
