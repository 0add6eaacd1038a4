import { isHmacOf, keyOfText } from './hmac.ts'
import { readOwnFormat } from './own-format.ts'
import type { Provider } from './provider.ts'

const header = 'x-hub-signature-256'

/**
 * For senders with nothing better: `X-Hub-Signature-256: sha256=<hex>` over the body, which is our own `{type, timestamp,
 * data}`. The signature covers no time and no id, so a webhook is its body: the same bytes are the same event, for ever.
 */
export const githubStyle: Provider = {
  source: 'github-style',
  summary: 'Take in a webhook with X-Hub-Signature-256, its body as that of /api/v1/webhooks/events.',
  headers: { [header]: '`sha256=` and the hexadecimal HMAC-SHA256 of the body.' },
  bodyMaxBytes: 64 * 1024,
  isKnownByKeyAlone: false,
  keyOf: keyOfText,

  readSignature(headers) {
    const given = headers[header]
    if (!given) return { code: 'signature_missing', detail: `the header ${header} is missing` }
    if (typeof given !== 'string' || !/^sha256=[0-9a-f]{64}$/i.test(given)) {
      return { code: 'signature_malformed', detail: `${header} must be sha256= and 64 hexadecimal digits, sent once` }
    }
    const digest = Buffer.from(given.slice('sha256='.length), 'hex')
    return { id: null, timestamp: null, isSignedBy: (keys, body) => isHmacOf(keys, [body], [digest]) }
  },

  read: readOwnFormat,
}
