/** What tells how a delivery came to be: who sent it, what a provider calls it. Nothing that could be a secret. */
const KEPT = [
  'content-type',
  'user-agent',
  'webhook-timestamp',
  'svix-id',
  'svix-timestamp',
  'x-shopify-topic',
  'x-shopify-webhook-id',
  'x-shopify-event-id',
  'x-shopify-shop-domain',
  'x-shopify-api-version',
  'x-shopify-triggered-at',
  'x-github-event',
  'x-github-delivery',
  'x-request-id',
] as const

/** Whoever has these can sign in, or can send the same again: it is kept that they came, and nothing of them. */
const MASKED = [
  'webhook-signature',
  'svix-signature',
  'stripe-signature',
  'x-shopify-hmac-sha256',
  'x-hub-signature-256',
  'x-hub-signature',
  'authorization',
  'cookie',
] as const

export const MASK = '***'

/** Longer ones are cut: a journal is no place for a sender's essays. */
const VALUE_LENGTH_MAX = 200

type HeaderValue = string | readonly string[] | undefined

/**
 * The headers of a delivery that its journal entry keeps, as the text of a JSON object; null where none is kept. By a list
 * of names, since a header we do not know may be a secret. Runs for every webhook: about a microsecond.
 */
export function keptHeaders(headers: Readonly<Record<string, HeaderValue>>): string | null {
  let kept: Record<string, string> | null = null
  for (const name of KEPT) {
    const value = headers[name]
    if (value === undefined) continue
    kept ??= {}
    kept[name] = (typeof value === 'string' ? value : value.join(', ')).slice(0, VALUE_LENGTH_MAX)
  }
  for (const name of MASKED) {
    if (headers[name] === undefined) continue
    kept ??= {}
    kept[name] = MASK
  }
  return kept === null ? null : JSON.stringify(kept)
}
