// Made from the routes by `npm run generate -w tools/docs`.
import type { RouteTraits } from '../route.ts'

/** The routes that only fraud has: what each takes, in this order, and what it gives. */
export type FraudRoutes = {
  /** Screenings, newest first. Scope `screenings:read`. */
  'GET /api/v1/screenings': {
    takes: [query?: {
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
      subject?: 'reward' | 'cashout' | 'referral' | undefined
      status?: 'passed' | 'held' | 'failed' | undefined
    }]
    gives: {
      items: readonly {
        id: string
        subject: 'reward' | 'cashout' | 'referral'
        subjectId: string
        /** A subject may be screened again; the highest revision counts. */
        revision: number
        status: 'passed' | 'held' | 'failed'
        at: string
      }[]
      nextCursor: string | null
    }
  }
  /** One screening. Scope `screenings:read`. */
  'GET /api/v1/screenings/{id}': {
    takes: [id: string]
    gives: {
      id: string
      subject: 'reward' | 'cashout' | 'referral'
      subjectId: string
      /** A subject may be screened again; the highest revision counts. */
      revision: number
      status: 'passed' | 'held' | 'failed'
      at: string
    }
  }
}

/** What has to be known to call them. */
export const fraudRoutes: Readonly<Record<keyof FraudRoutes, RouteTraits>> = {
  'GET /api/v1/screenings': { query: true },
  'GET /api/v1/screenings/{id}': {},
}
