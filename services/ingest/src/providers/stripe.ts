import { z } from 'zod'
import { keyOfText } from './hmac.ts'
import { ignored, type Provider, type Reading } from './provider.ts'
import { readJson, readShape } from './provider-json.ts'
import { readStripeSignature } from './stripe-signature.ts'
import { type StripeReading, stripeTranslations } from './stripe-translations.ts'

const event = z.looseObject({
  id: z.string().regex(/^evt_[A-Za-z0-9_]{1,100}$/, { error: 'must be the id of an event' }),
  type: z.string().min(1).max(200),
  // v2 has it as a text; such an event carries no data and is ignored.
  created: z.union([z.int().min(0).max(10_000_000_000), z.iso.datetime({ offset: true })]),
  data: z.unknown().optional(),
})

/**
 * Stripe's events. The signature covers the event's id, which makes it one event; a delivery whose body differs (Stripe
 * writes `pending_webhooks` anew each time) is still that event, and the first body stands.
 */
export const stripe: Provider = {
  source: 'stripe',
  summary: 'Take in an event of Stripe.',
  headers: { 'stripe-signature': '`t=<seconds>,v1=<hex>`: the hexadecimal HMAC-SHA256 of `<seconds>.<body>`.' },
  // An invoice with many lines.
  bodyMaxBytes: 256 * 1024,
  isKnownByKeyAlone: true,
  // The whole text, `whsec_` included, unlike Standard Webhooks.
  keyOf: keyOfText,
  readSignature: readStripeSignature,

  read(body) {
    const json = readJson(body)
    if (!('value' in json)) return json
    const read = readShape(event, json.value)
    if (!('value' in read)) return read
    const { id, type, created, data } = read.value
    const common = {
      key: id,
      name: type,
      happenedAt: new Date(typeof created === 'number' ? created * 1000 : created),
    }
    const translation = Object.hasOwn(stripeTranslations, type) ? stripeTranslations[type]! : null
    if (!translation) return toReading(common, { translate: () => ignored('event_not_translated') })
    const reading = translation(data)
    return Array.isArray(reading) ? reading : toReading(common, reading as StripeReading)
  },
}

function toReading(common: Pick<Reading, 'key' | 'name' | 'happenedAt'>, reading: StripeReading): Reading {
  return { teaches: [], asks: [], ...common, ...reading }
}
