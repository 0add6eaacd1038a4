// Made from the routes by `npm run generate -w tools/docs`.
import type { Currency } from '../currency.ts'
import type { RouteTraits } from '../route.ts'

/** The routes that only ingest has: what each takes, in this order, and what it gives. */
export type IngestRoutes = {
  /** Take in a webhook, signed as Standard Webhooks has it. No token: a webhook carries its signature */
  'POST /api/v1/webhooks/events': {
    takes: [body: {
      type: 'user.registered'
      /** When it happened; without it, when it arrived. */
      timestamp?: string | undefined
      data: {
        externalUserId: string
        email?: string | undefined
        name?: string | undefined
        /** Counts as a touch at the time of the registration. */
        referralCode?: string | undefined
        /** Each time the customer met a referral code before they signed up, in any order. */
        touches?: readonly {
          code: string
          at: string
          [more: string]: unknown
        }[] | undefined
        ip?: string | undefined
        deviceId?: string | undefined
        country?: string | undefined
        [more: string]: unknown
      }
    } | {
      type: 'subscription.paid'
      /** When it happened; without it, when it arrived. */
      timestamp?: string | undefined
      data: {
        externalUserId: string
        invoiceId: string
        subscriptionId: string
        /** Integer minor units, 1 to 2^53 - 1. */
        amount: number
        currency: Currency
        period?: number | undefined
        productId?: string | undefined
        [more: string]: unknown
      }
    } | {
      type: 'payment.refunded'
      /** When it happened; without it, when it arrived. */
      timestamp?: string | undefined
      data: {
        invoiceId: string
        refundId: string
        /** Integer minor units, 1 to 2^53 - 1. */
        amount: number
        currency: Currency
        reason?: string | undefined
        [more: string]: unknown
      }
    } | {
      type: 'payment.disputed'
      /** When it happened; without it, when it arrived. */
      timestamp?: string | undefined
      data: {
        invoiceId: string
        disputeId: string
        status: 'opened' | 'won' | 'lost'
        /** Integer minor units, 1 to 2^53 - 1. */
        amount?: number | undefined
        currency?: Currency | undefined
        [more: string]: unknown
      }
    } | {
      type: 'subscription.cancelled'
      /** When it happened; without it, when it arrived. */
      timestamp?: string | undefined
      data: {
        externalUserId: string
        subscriptionId: string
        reason?: string | undefined
        [more: string]: unknown
      }
    } | {
      type: string
      /** When it happened; without it, when it arrived. */
      timestamp?: string | undefined
      data: {
        externalUserId: string
        /** Integer minor units, 1 to 2^53 - 1. */
        amount?: number | undefined
        currency?: Currency | undefined
        [more: string]: unknown
      }
    }]
    gives: {
      eventId: string
      status: 'received'
      duplicate: boolean
      receivedAt: string
    }
  }
  /** Events, newest first; or with webhookId that one event, with everything about it. A page looks through 20,000 events at most: it may hold few and still lead on. Scope `webhooks:read`. */
  'GET /api/v1/webhooks/events': {
    takes: [query?: {
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
      /** Answers the event itself, or 404. */
      webhookId?: string | undefined
      /** `default`, or an adapter such as `stripe`; with webhookId: `default` unless given. */
      source?: string | undefined
      /** What is published names this one of the sender's users. */
      externalUserId?: string | undefined
      type?: string | undefined
      status?: 'received' | 'processed' | 'ignored' | 'deferred' | 'parked' | undefined
      /** Received at this time or later. */
      from?: string | undefined
      /** Received before this time. */
      to?: string | undefined
    }]
    gives: {
      eventId: string
      webhookId: string
      /** `default`, or the adapter that it came by. */
      source: string
      type: string
      status: 'received' | 'processed' | 'ignored' | 'deferred' | 'parked'
      receivedAt: string
      /** The JSON that was sent; null where its person was forgotten. */
      body: unknown
      /** When its person was forgotten. */
      erasedAt?: string
      /** Those of the request that are kept; *** stands for a secret. */
      headers: Readonly<Record<string, string>> | null
      /** What is published, where that is not the body's `data`. */
      data?: unknown
      /** Why it was not published when it came. */
      reason?: string
      effects: readonly {
        service: string
        kind: string
        id: string
        outcome: string
        reason?: string
        at: string
      }[]
    } | {
      items: readonly {
        eventId: string
        webhookId: string
        /** `default`, or the adapter that it came by. */
        source: string
        type: string
        status: 'received' | 'processed' | 'ignored' | 'deferred' | 'parked'
        receivedAt: string
      }[]
      nextCursor: string | null
    }
  }
  /** Take in an event of Stripe. No token: a webhook carries its signature */
  'POST /api/v1/webhooks/stripe': {
    takes: [body: Readonly<Record<string, unknown>>]
    gives: {
      eventId: string
      status: 'received'
      duplicate: boolean
      receivedAt: string
    }
  }
  /** Take in a webhook of Shopify. No token: a webhook carries its signature */
  'POST /api/v1/webhooks/shopify': {
    takes: [body: Readonly<Record<string, unknown>>]
    gives: {
      eventId: string
      status: 'received'
      duplicate: boolean
      receivedAt: string
    }
  }
  /** Take in a webhook with X-Hub-Signature-256, its body as that of /api/v1/webhooks/events. No token: a webhook carries its signature */
  'POST /api/v1/webhooks/github-style': {
    takes: [body: {
      type: 'user.registered'
      /** When it happened; without it, when it arrived. */
      timestamp?: string | undefined
      data: {
        externalUserId: string
        email?: string | undefined
        name?: string | undefined
        /** Counts as a touch at the time of the registration. */
        referralCode?: string | undefined
        /** Each time the customer met a referral code before they signed up, in any order. */
        touches?: readonly {
          code: string
          at: string
          [more: string]: unknown
        }[] | undefined
        ip?: string | undefined
        deviceId?: string | undefined
        country?: string | undefined
        [more: string]: unknown
      }
    } | {
      type: 'subscription.paid'
      /** When it happened; without it, when it arrived. */
      timestamp?: string | undefined
      data: {
        externalUserId: string
        invoiceId: string
        subscriptionId: string
        /** Integer minor units, 1 to 2^53 - 1. */
        amount: number
        currency: Currency
        period?: number | undefined
        productId?: string | undefined
        [more: string]: unknown
      }
    } | {
      type: 'payment.refunded'
      /** When it happened; without it, when it arrived. */
      timestamp?: string | undefined
      data: {
        invoiceId: string
        refundId: string
        /** Integer minor units, 1 to 2^53 - 1. */
        amount: number
        currency: Currency
        reason?: string | undefined
        [more: string]: unknown
      }
    } | {
      type: 'payment.disputed'
      /** When it happened; without it, when it arrived. */
      timestamp?: string | undefined
      data: {
        invoiceId: string
        disputeId: string
        status: 'opened' | 'won' | 'lost'
        /** Integer minor units, 1 to 2^53 - 1. */
        amount?: number | undefined
        currency?: Currency | undefined
        [more: string]: unknown
      }
    } | {
      type: 'subscription.cancelled'
      /** When it happened; without it, when it arrived. */
      timestamp?: string | undefined
      data: {
        externalUserId: string
        subscriptionId: string
        reason?: string | undefined
        [more: string]: unknown
      }
    } | {
      type: string
      /** When it happened; without it, when it arrived. */
      timestamp?: string | undefined
      data: {
        externalUserId: string
        /** Integer minor units, 1 to 2^53 - 1. */
        amount?: number | undefined
        currency?: Currency | undefined
        [more: string]: unknown
      }
    }]
    gives: {
      eventId: string
      status: 'received'
      duplicate: boolean
      receivedAt: string
    }
  }
  /** One event: what was sent, where it stands, and what became of it. Scope `webhooks:read`. */
  'GET /api/v1/webhooks/events/{eventId}': {
    takes: [eventId: string]
    gives: {
      eventId: string
      webhookId: string
      /** `default`, or the adapter that it came by. */
      source: string
      type: string
      status: 'received' | 'processed' | 'ignored' | 'deferred' | 'parked'
      receivedAt: string
      /** The JSON that was sent; null where its person was forgotten. */
      body: unknown
      /** When its person was forgotten. */
      erasedAt?: string
      /** Those of the request that are kept; *** stands for a secret. */
      headers: Readonly<Record<string, string>> | null
      /** What is published, where that is not the body's `data`. */
      data?: unknown
      /** Why it was not published when it came. */
      reason?: string
      effects: readonly {
        service: string
        kind: string
        id: string
        outcome: string
        reason?: string
        at: string
      }[]
    }
  }
  /** The journal of a time, oldest first, with bodies as they came and what became of each event. Scope `webhooks:export`. */
  'GET /api/v1/webhooks/events/export': {
    takes: [query: {
      /** Received at this time or later. */
      from: string
      /** Received before this time. */
      to: string
    }]
    gives: AsyncIterable<string>
  }
  /** A signed proof that a webhook was accepted, for its sender to keep; docs/receipts.md says how to check it. Scope `webhooks:read`. */
  'GET /api/v1/webhooks/events/{eventId}/receipt': {
    takes: [eventId: string]
    gives: {
      eventId: string
      source: string
      webhookId: string
      type: string
      bodySha256: string
      receivedAt: string
      keyId: string
      /** What is signed, to the last line feed. */
      statement: string
      /** Ed25519 over the bytes of `statement`. */
      signature: string
    }
  }
  /** Which webhooks were accepted on a day, as a count and a hash, for a sender to compare; see docs/receipts.md. Scope `webhooks:read`. */
  'GET /api/v1/webhooks/digest': {
    takes: [query: {
      /** A day in UTC, by when webhooks were received. */
      date: string
    }]
    gives: {
      date: string
      /** False until five minutes after the day: it may still grow. */
      isFinal: boolean
      items: readonly {
        source: string
        count: number
        /** Over the webhook ids, sorted by their bytes, each followed by a line feed. */
        sha256: string
      }[]
    }
  }
  /** The public keys that receipts are checked with, the one in use first. No token: a public key is for everybody */
  'GET /api/v1/webhooks/receipt-keys': {
    takes: []
    gives: {
      items: readonly {
        /** The first 16 hex digits of the SHA-256 of its SPKI bytes. */
        keyId: string
        /** Ed25519, SPKI in PEM. */
        publicKey: string
      }[]
    }
  }
  /** Publish an event again. What it did before it does not do twice. Scope `webhooks:write`. */
  'POST /api/v1/webhooks/events/{eventId}/replay': {
    takes: [eventId: string, body?: {
      reason?: string | undefined
      /** Journals the event anew under an id of its own, so that it is decided anew. Only where the first decision was to ignore it. */
      force?: {
        /** Names the new event; the same id again is the same event. */
        id: string
        reason: string
      } | undefined
    }]
    gives: {
      eventId: string
      /** Absent where the event was forced under this id before. */
      replayId?: string
      /** The new event, where one was asked for. */
      forcedEventId?: string
    }
  }
  /** Publish all events of a range again, so many a second; or with dryRun say what became of them. Scope `webhooks:write`. */
  'POST /api/v1/webhooks/replays': {
    takes: [body: {
      /** Received at this time or later. */
      from: string
      /** Received before this time. */
      to: string
      type?: string | undefined
      source?: string | undefined
      status?: 'received' | 'processed' | 'ignored' | 'deferred' | 'parked' | undefined
      reason?: string | undefined
      eventsPerSecond?: number | undefined
      dryRun?: boolean | undefined
    }]
    gives: {
      dryRun: true
      /** Events of the range, counted up to 100000. */
      matched: number
      /** Whether there may be more than were counted. */
      counted: 'all' | 'first'
      replayable: number
      byStatus: Readonly<Record<string, number>>
      /** Replayable, and nobody decided them: only these can still do something. */
      undecided: number
      /** What services did because of these events. A replay does none of it again. */
      done: readonly {
        service: string
        kind: string
        outcome: string
        count: number
      }[]
    } | {
      id: string
      kind: 'event' | 'range' | 'force'
      state: 'running' | 'done' | 'cancelled'
      requestedAt: string
      requestedBy: string
      reason: string | null
      eventId: string | null
      forcedEventId: string | null
      range: {
        from: string
        to: string
        type: string | null
        source: string | null
        status: 'received' | 'processed' | 'ignored' | 'deferred' | 'parked' | null
        eventsPerSecond: number
        /** Every event received before this is done. */
        doneUntil: string | null
      } | null
      replayed: number
      /** Events that were never published, or whose content is gone. */
      leftOut: number
      endedAt: string | null
      cancelledBy: string | null
    }
  }
  /** Replays, newest first. Scope `webhooks:read`. */
  'GET /api/v1/webhooks/replays': {
    takes: [query?: {
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
    }]
    gives: {
      items: readonly {
        id: string
        kind: 'event' | 'range' | 'force'
        state: 'running' | 'done' | 'cancelled'
        requestedAt: string
        requestedBy: string
        reason: string | null
        eventId: string | null
        forcedEventId: string | null
        range: {
          from: string
          to: string
          type: string | null
          source: string | null
          status: 'received' | 'processed' | 'ignored' | 'deferred' | 'parked' | null
          eventsPerSecond: number
          /** Every event received before this is done. */
          doneUntil: string | null
        } | null
        replayed: number
        /** Events that were never published, or whose content is gone. */
        leftOut: number
        endedAt: string | null
        cancelledBy: string | null
      }[]
      nextCursor: string | null
    }
  }
  /** A replay: who asked for it and why, and how far it is. Scope `webhooks:read`. */
  'GET /api/v1/webhooks/replays/{replayId}': {
    takes: [replayId: string]
    gives: {
      id: string
      kind: 'event' | 'range' | 'force'
      state: 'running' | 'done' | 'cancelled'
      requestedAt: string
      requestedBy: string
      reason: string | null
      eventId: string | null
      forcedEventId: string | null
      range: {
        from: string
        to: string
        type: string | null
        source: string | null
        status: 'received' | 'processed' | 'ignored' | 'deferred' | 'parked' | null
        eventsPerSecond: number
        /** Every event received before this is done. */
        doneUntil: string | null
      } | null
      replayed: number
      /** Events that were never published, or whose content is gone. */
      leftOut: number
      endedAt: string | null
      cancelledBy: string | null
    }
  }
  /** Stop a replay where it is. What it published stays published; one that has ended stays as it ended. Scope `webhooks:write`. */
  'POST /api/v1/webhooks/replays/{replayId}/cancel': {
    takes: [replayId: string]
    gives: {
      id: string
      kind: 'event' | 'range' | 'force'
      state: 'running' | 'done' | 'cancelled'
      requestedAt: string
      requestedBy: string
      reason: string | null
      eventId: string | null
      forcedEventId: string | null
      range: {
        from: string
        to: string
        type: string | null
        source: string | null
        status: 'received' | 'processed' | 'ignored' | 'deferred' | 'parked' | null
        eventsPerSecond: number
        /** Every event received before this is done. */
        doneUntil: string | null
      } | null
      replayed: number
      /** Events that were never published, or whose content is gone. */
      leftOut: number
      endedAt: string | null
      cancelledBy: string | null
    }
  }
  /** Webhooks that were refused and why, newest first; a sample, kept for 30 days at most. Scope `webhooks:read`. */
  'GET /api/v1/webhooks/rejections': {
    takes: [query?: {
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
      webhookId?: string | undefined
      reason?: 'payload_too_large' | 'rate_limited' | 'adapter_not_configured' | 'signature_missing' | 'signature_malformed' | 'signature_mismatch' | 'timestamp_outside_tolerance' | 'content_type_unsupported' | 'payload_invalid' | 'cause_not_known' | 'idempotency_conflict' | 'temporarily_unavailable' | undefined
    }]
    gives: {
      items: readonly {
        id: string
        at: string
        /** `default`, or the name of an adapter. */
        source: string
        reason: string
        detail: string | null
        webhookId: string | null
        /** In hexadecimal digits; compare it with what was sent. */
        bodySha256: string | null
        bodyBytes: number | null
      }[]
      nextCursor: string | null
    }
  }
  /** Send a webhook here to learn which of secret, timestamp and body bytes does not match. Scope `webhooks:read`. */
  'POST /api/v1/webhooks/verify': {
    takes: [body: string]
    gives: {
      valid: boolean
      secret: 'matches' | 'does not match' | 'unknown'
      timestamp: 'matches' | 'does not match' | 'unknown'
      body: 'matches' | 'does not match' | 'unknown'
      detail: string
      serverTime: string
      bodyBytes: number
      bodySha256: string
    }
  }
  /** The configuration, without its secrets. Scope `config:read`. */
  'GET /api/v1/system-config': {
    takes: []
    gives: {
      /** Grows with every change. */
      version: number
      plan: 'free' | 'growth' | 'pro' | 'enterprise'
      /** How many events of a month are published at once, on this plan; null for no limit. */
      eventsPerMonth: number | null
      /** The same as configured for Enterprise. */
      enterpriseEventsPerMonth: number | null
      webhookSecret: {
        since: string
        /** Until then the secret before this one counts, too. */
        previousEndsAt: string | null
      }
      updatedAt: string
      updatedBy: string
    }
  }
  /** Change the configuration; what is left out stays. Everyone is told at once. Scope `config:write`. */
  'PATCH /api/v1/system-config': {
    takes: [body: {
      /** Refuses the change where the version is another by now. */
      version?: number | undefined
      plan?: 'free' | 'growth' | 'pro' | 'enterprise' | undefined
      /** Counts on Enterprise alone; null for no limit. */
      enterpriseEventsPerMonth?: number | null | undefined
    }]
    gives: {
      /** Grows with every change. */
      version: number
      plan: 'free' | 'growth' | 'pro' | 'enterprise'
      /** How many events of a month are published at once, on this plan; null for no limit. */
      eventsPerMonth: number | null
      /** The same as configured for Enterprise. */
      enterpriseEventsPerMonth: number | null
      webhookSecret: {
        since: string
        /** Until then the secret before this one counts, too. */
        previousEndsAt: string | null
      }
      updatedAt: string
      updatedBy: string
    }
  }
  /** Make a new webhook secret. It is shown this once; the one before it counts until the overlap ends. Scope `config:write`. */
  'POST /api/v1/system-config/webhook-secret/rotate': {
    takes: [body: {
      overlapSeconds?: number | undefined
    }]
    gives: {
      webhookSecret: string
      previousEndsAt: string
      version: number
    }
  }
  /** How much of the plan is used this month, and what waits. Scope `config:read`. */
  'GET /api/v1/usage': {
    takes: []
    gives: {
      plan: 'free' | 'growth' | 'pro' | 'enterprise'
      /** Events that are published at once in a month; null: no limit. */
      quota: number | null
      /** Events accepted this month, as far as they count; those that wait, too. */
      used: number
      /** Events over the quota that were not published yet, of all months. */
      deferred: number
      month: string
      resetsAt: string
    }
  }
  /** Every adapter, and whether it has a secret. Scope `config:read`. */
  'GET /api/v1/system-config/adapters': {
    takes: []
    gives: {
      items: readonly {
        name: string
        /** What to enter as the webhook's address at the provider, after this host. */
        path: string
        /** Whether it has a secret; without one it answers 404. */
        configured: boolean
        since: string | null
        /** Until then the secret before this one counts, too. */
        previousEndsAt: string | null
        updatedBy: string | null
      }[]
    }
  }
  /** Set the secret that a provider signs with; it is never answered. null switches the adapter off. Scope `config:write`. */
  'PUT /api/v1/system-config/adapters/{name}': {
    takes: [name: 'stripe' | 'shopify' | 'github-style', body: {
      secret: string | null
      /** For how long the secret before this one counts, too. */
      overlapSeconds?: number | undefined
    }]
    gives: {
      name: string
      /** What to enter as the webhook's address at the provider, after this host. */
      path: string
      /** Whether it has a secret; without one it answers 404. */
      configured: boolean
      since: string | null
      /** Until then the secret before this one counts, too. */
      previousEndsAt: string | null
      updatedBy: string | null
    }
  }
  /** Seal every secret anew with the first key of SECRETS_KEY, so that the keys after it can be dropped. Scope `config:write`. */
  'POST /api/v1/system-config/reseal': {
    takes: []
    gives: {
      /** How many secrets were sealed anew: all there are. */
      resealed: number
      /** Which key seals all of them now: the first 8 hexadecimal digits of its digest. */
      keyId: string
    }
  }
}

/** What has to be known to call them. */
export const ingestRoutes: Readonly<Record<keyof IngestRoutes, RouteTraits>> = {
  'POST /api/v1/webhooks/events': { body: true },
  'GET /api/v1/webhooks/events': { query: true },
  'POST /api/v1/webhooks/stripe': { body: true },
  'POST /api/v1/webhooks/shopify': { body: true },
  'POST /api/v1/webhooks/github-style': { body: true },
  'GET /api/v1/webhooks/events/{eventId}': {},
  'GET /api/v1/webhooks/events/export': { query: true, streams: 'application/x-ndjson' },
  'GET /api/v1/webhooks/events/{eventId}/receipt': {},
  'GET /api/v1/webhooks/digest': { query: true },
  'GET /api/v1/webhooks/receipt-keys': {},
  'POST /api/v1/webhooks/events/{eventId}/replay': { body: true },
  'POST /api/v1/webhooks/replays': { body: true, keyed: true },
  'GET /api/v1/webhooks/replays': { query: true },
  'GET /api/v1/webhooks/replays/{replayId}': {},
  'POST /api/v1/webhooks/replays/{replayId}/cancel': {},
  'GET /api/v1/webhooks/rejections': { query: true },
  'POST /api/v1/webhooks/verify': { body: true },
  'GET /api/v1/system-config': {},
  'PATCH /api/v1/system-config': { body: true },
  'POST /api/v1/system-config/webhook-secret/rotate': { body: true },
  'GET /api/v1/usage': {},
  'GET /api/v1/system-config/adapters': {},
  'PUT /api/v1/system-config/adapters/{name}': { body: true },
  'POST /api/v1/system-config/reseal': {},
}
