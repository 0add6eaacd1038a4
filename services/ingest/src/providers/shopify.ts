import { isHmacOf, keyOfText } from './hmac.ts'
import { ignored, type Provider, type Reading } from './provider.ts'
import { hexDigest, readJson } from './provider-json.ts'
import { shopifyTranslations } from './shopify-translations.ts'

const header = 'x-shopify-hmac-sha256'
const topicPattern = /^[a-z_]{1,40}\/[a-z_]{1,40}$/

/**
 * Shopify's webhooks. The signature covers the body alone, so a webhook is its body; the topic is only believed where the
 * body has the topic's shape, and what is not translated has keys of its own: nobody can use up a key by another topic.
 */
export const shopify: Provider = {
  source: 'shopify',
  summary: 'Take in a webhook of Shopify.',
  headers: { [header]: 'The base64 of the HMAC-SHA256 of the body.', 'x-shopify-topic': 'Such as orders/paid.' },
  // An order with many lines.
  bodyMaxBytes: 256 * 1024,
  isKnownByKeyAlone: false,
  keyOf: keyOfText,

  readSignature(headers) {
    const given = headers[header]
    if (!given) return { code: 'signature_missing', detail: `the header ${header} is missing` }
    if (typeof given !== 'string' || !/^[A-Za-z0-9+/]{43}=$/.test(given)) {
      return { code: 'signature_malformed', detail: `${header} must be 44 characters of base64, sent once` }
    }
    const digest = Buffer.from(given, 'base64')
    return { id: null, timestamp: null, isSignedBy: (keys, body) => isHmacOf(keys, [body], [digest]) }
  },

  read(body, headers) {
    const json = readJson(body)
    if (!('value' in json)) return json
    const topic = headers['x-shopify-topic']
    const name = typeof topic === 'string' && topicPattern.test(topic) ? topic.replace('/', '.') : 'no_topic'
    const translation = Object.hasOwn(shopifyTranslations, name) ? shopifyTranslations[name]! : null
    const common: Reading = {
      key: `ignored:${hexDigest(body)}`,
      name,
      happenedAt: null,
      teaches: [],
      asks: [],
      translate: () => ignored('topic_not_translated'),
    }
    if (!translation) return common
    const reading = translation(json.value)
    if (!('translate' in reading)) return reading
    const isIgnored = reading.translate().kind === 'ignored'
    return { ...common, ...reading, ...(isIgnored ? {} : { key: null }) }
  },
}
