// Made from the routes by `npm run generate -w tools/docs`.
import type { RouteTraits } from '../route.ts'

/** The routes that every service has: what each takes, in this order, and what it gives. */
export type EveryRoutes = {
  /** List parked messages, newest first. Scope `dead-letters:read`. */
  'GET /api/v1/dead-letters': {
    takes: [query?: {
      status?: 'parked' | 'replayed' | 'discarded' | undefined
      type?: string | undefined
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
    }]
    gives: {
      items: readonly {
        id: string
        messageId: string | null
        subject: string | null
        type: string
        source: string | null
        correlationId: string | null
        reason: string
        attempts: number
        parkedAt: string
        status: 'parked' | 'replayed' | 'discarded'
        settledAt: string | null
        settledBy: string | null
        settledWhy: string | null
      }[]
      nextCursor: string | null
    }
  }
  /** Show a parked message with what it carried. Scope `dead-letters:read`. */
  'GET /api/v1/dead-letters/{id}': {
    takes: [id: string]
    gives: {
      id: string
      messageId: string | null
      subject: string | null
      type: string
      source: string | null
      correlationId: string | null
      reason: string
      attempts: number
      parkedAt: string
      status: 'parked' | 'replayed' | 'discarded'
      settledAt: string | null
      settledBy: string | null
      settledWhy: string | null
      /** What it carried, as text. */
      payload: string
    }
  }
  /** Handle a parked message once more. Scope `dead-letters:write`. */
  'POST /api/v1/dead-letters/{id}/replay': {
    takes: [id: string]
    gives: {
      id: string
      messageId: string | null
      subject: string | null
      type: string
      source: string | null
      correlationId: string | null
      reason: string
      attempts: number
      parkedAt: string
      status: 'parked' | 'replayed' | 'discarded'
      settledAt: string | null
      settledBy: string | null
      settledWhy: string | null
    }
  }
  /** Give a parked message up for good. Scope `dead-letters:write`. */
  'POST /api/v1/dead-letters/{id}/discard': {
    takes: [id: string, body: {
      reason: string
    }]
    gives: {
      id: string
      messageId: string | null
      subject: string | null
      type: string
      source: string | null
      correlationId: string | null
      reason: string
      attempts: number
      parkedAt: string
      status: 'parked' | 'replayed' | 'discarded'
      settledAt: string | null
      settledBy: string | null
      settledWhy: string | null
    }
  }
}

/** What has to be known to call them. */
export const everyRoutes: Readonly<Record<keyof EveryRoutes, RouteTraits>> = {
  'GET /api/v1/dead-letters': { query: true },
  'GET /api/v1/dead-letters/{id}': {},
  'POST /api/v1/dead-letters/{id}/replay': {},
  'POST /api/v1/dead-letters/{id}/discard': { body: true },
}
