// Made from the routes by `npm run generate -w tools/docs`.
import type { Currency } from '../currency.ts'
import type { RouteTraits } from '../route.ts'

/** The routes that only rewards has: what each takes, in this order, and what it gives. */
export type RewardsRoutes = {
  /** Create a user, or find them by their external id. Scope `users:write`. */
  'POST /api/v1/users': {
    takes: [body: {
      externalId: string
      email: string
      name?: string | undefined
    }]
    gives: {
      id: string
      externalId: string | null
      email: string | null
      name: string | null
      createdAt: string
      /** Since when the rest is gone. */
      erasedAt: string | null
    }
  }
  /** Users, newest first. Scope `users:read`. */
  'GET /api/v1/users': {
    takes: [query?: {
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
      externalId?: string | undefined
      email?: string | undefined
    }]
    gives: {
      items: readonly {
        id: string
        externalId: string | null
        email: string | null
        name: string | null
        createdAt: string
        /** Since when the rest is gone. */
        erasedAt: string | null
      }[]
      nextCursor: string | null
    }
  }
  /** One user. Scope `users:read`. */
  'GET /api/v1/users/{id}': {
    takes: [id: string]
    gives: {
      id: string
      externalId: string | null
      email: string | null
      name: string | null
      createdAt: string
      /** Since when the rest is gone. */
      erasedAt: string | null
    }
  }
  /** Give a user a referral code: the one asked for, or a random one. Scope `users:write`. */
  'POST /api/v1/users/{id}/referral-codes': {
    takes: [id: string, body?: {
      code?: string | undefined
    }]
    gives: {
      code: string
      userId: string
      createdAt: string
      /** The owner's newest; older ones work as well. */
      isCurrent: boolean
    }
  }
  /** A user's newest 200 referral codes, the current one first; all of them work. Scope `users:read`. */
  'GET /api/v1/users/{id}/referral-codes': {
    takes: [id: string]
    gives: {
      items: readonly {
        code: string
        userId: string
        createdAt: string
        /** The owner's newest; older ones work as well. */
        isCurrent: boolean
      }[]
    }
  }
  /** Whose code this is; upper and lower case are the same. Scope `users:read`. */
  'GET /api/v1/referral-codes/{code}': {
    takes: [code: string]
    gives: {
      code: string
      userId: string
      createdAt: string
      /** The owner's newest; older ones work as well. */
      isCurrent: boolean
    }
  }
  /** Say who brought a customer whom nobody was said to have brought; counts from now on. Scope `users:write`. */
  'POST /api/v1/referrals': {
    takes: [body: {
      refereeId: string
      referrerId?: string | undefined
      code?: string | undefined
      /** Why, in your words; kept with who did it. */
      reason: string
    }]
    gives: {
      id: string
      referrerId: string
      refereeId: string
      code: string | null
      status: 'registered' | 'converted' | 'rejected' | 'expired'
      /** Why it was rejected; `rejectedWhy` says more where a person did. */
      reason: string | null
      source: 'code' | 'person' | 'import'
      /** Who said so, where a person did; `note` says why. */
      doneBy: string | null
      note: string | null
      attributedAt: string
      convertedAt: string | null
      expiredAt: string | null
      /** The last instant of the first payment; null for never too late. */
      expiresAt: string | null
      /** Said of somebody registered before; what they did until then earns nothing. */
      isLate: boolean
      /** Of the attribution settings that counted; 0 before the first, null before there were any. */
      settingsVersion: number | null
      rejectedAt: string | null
      rejectedBy: string | null
      rejectedWhy: string | null
    }
  }
  /** Who brought whom, newest first; userId finds the referrals by a user and of them. Scope `users:read`. */
  'GET /api/v1/referrals': {
    takes: [query?: {
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
      userId?: string | undefined
      referrerId?: string | undefined
      refereeId?: string | undefined
      status?: 'registered' | 'converted' | 'rejected' | 'expired' | undefined
      source?: 'code' | 'person' | 'import' | undefined
    }]
    gives: {
      items: readonly {
        id: string
        referrerId: string
        refereeId: string
        code: string | null
        status: 'registered' | 'converted' | 'rejected' | 'expired'
        /** Why it was rejected; `rejectedWhy` says more where a person did. */
        reason: string | null
        source: 'code' | 'person' | 'import'
        /** Who said so, where a person did; `note` says why. */
        doneBy: string | null
        note: string | null
        attributedAt: string
        convertedAt: string | null
        expiredAt: string | null
        /** The last instant of the first payment; null for never too late. */
        expiresAt: string | null
        /** Said of somebody registered before; what they did until then earns nothing. */
        isLate: boolean
        /** Of the attribution settings that counted; 0 before the first, null before there were any. */
        settingsVersion: number | null
        rejectedAt: string | null
        rejectedBy: string | null
        rejectedWhy: string | null
      }[]
      nextCursor: string | null
    }
  }
  /** A referral, with each code that the customer met and why it was chosen or not. Scope `users:read`. */
  'GET /api/v1/referrals/{id}': {
    takes: [id: string]
    gives: {
      id: string
      referrerId: string
      refereeId: string
      code: string | null
      status: 'registered' | 'converted' | 'rejected' | 'expired'
      /** Why it was rejected; `rejectedWhy` says more where a person did. */
      reason: string | null
      source: 'code' | 'person' | 'import'
      /** Who said so, where a person did; `note` says why. */
      doneBy: string | null
      note: string | null
      attributedAt: string
      convertedAt: string | null
      expiredAt: string | null
      /** The last instant of the first payment; null for never too late. */
      expiresAt: string | null
      /** Said of somebody registered before; what they did until then earns nothing. */
      isLate: boolean
      /** Of the attribution settings that counted; 0 before the first, null before there were any. */
      settingsVersion: number | null
      rejectedAt: string | null
      rejectedBy: string | null
      rejectedWhy: string | null
      /** Registration by registration, the best touch of each first. */
      touches: readonly {
        eventId: string
        /** Null where its owner was erased. */
        code: string | null
        ownerId: string | null
        touchedAt: string
        /** `chosen`, or why it was not. */
        outcome: string
      }[]
    }
  }
  /** Reject a referral whose customer has not paid: it earns nothing from now on, for good; what it earned stays. Scope `users:write`. */
  'POST /api/v1/referrals/{id}/reject': {
    takes: [id: string, body: {
      /** Why, in your words; kept with who did it. */
      reason: string
    }]
    gives: {
      id: string
      referrerId: string
      refereeId: string
      code: string | null
      status: 'registered' | 'converted' | 'rejected' | 'expired'
      /** Why it was rejected; `rejectedWhy` says more where a person did. */
      reason: string | null
      source: 'code' | 'person' | 'import'
      /** Who said so, where a person did; `note` says why. */
      doneBy: string | null
      note: string | null
      attributedAt: string
      convertedAt: string | null
      expiredAt: string | null
      /** The last instant of the first payment; null for never too late. */
      expiresAt: string | null
      /** Said of somebody registered before; what they did until then earns nothing. */
      isLate: boolean
      /** Of the attribution settings that counted; 0 before the first, null before there were any. */
      settingsVersion: number | null
      rejectedAt: string | null
      rejectedBy: string | null
      rejectedWhy: string | null
    }
  }
  /** Remove a person's data for good: names, addresses, codes and what senders told of them. Their id keeps its rewards and its money; nobody finds them by external id or address again. Scope `users:erase`. */
  'DELETE /api/v1/users/{id}/personal-data': {
    takes: [id: string]
    gives: {
      userId: string
      erasedAt: string
    }
  }
  /** Create a rule; it counts once it is activated. Scope `rules:write`. */
  'POST /api/v1/reward-rules': {
    takes: [body: {
      name: string
      eventType: string
      currency: Currency
      reward: {
        kind: 'percent'
        basisPoints: number
        allowOver100Percent?: boolean | undefined
      } | {
        kind: 'fixed'
        amount: number
        currency: Currency
      } | {
        kind: 'tiers'
        by: 'conversions' | 'amount'
        tiers: readonly {
          from: number
          basisPoints?: number | undefined
          amount?: number | undefined
        }[]
        allowOver100Percent?: boolean | undefined
      }
      beneficiary?: 'referrer' | 'referee' | undefined
      holdingDays?: number | undefined
      recurring?: {
        periods: number
      } | null | undefined
      minimumAmount?: number | null | undefined
      caps?: readonly {
        per: 'user' | 'rule' | 'referral'
        interval: 'day' | 'month' | 'total'
        amount?: number | undefined
        count?: number | undefined
      }[] | undefined
      /** Whose days and months the caps count in. */
      timeZone?: string | undefined
      validFrom?: string | null | undefined
      validTo?: string | null | undefined
      attributionDays?: number | null | undefined
      /** CEL over event, referrer, referee, referral and invoice; what an event does not tell leaves it unmet. */
      condition?: string | null | undefined
      priority?: number | undefined
      stacking?: 'all' | 'highestPriority' | undefined
      mode?: 'active' | 'shadow' | undefined
    }]
    gives: {
      id: string
      version: number
      status: 'draft' | 'shadow' | 'canary' | 'scheduled' | 'active' | 'retired'
      name: string
      eventType: string
      currency: Currency
      reward: {
        kind: 'percent'
        basisPoints: number
        allowOver100Percent: boolean
      } | {
        kind: 'fixed'
        amount: number
        currency: Currency
      } | {
        kind: 'tiers'
        by: 'conversions' | 'amount'
        tiers: readonly {
          from: number
          basisPoints?: number
          amount?: number
        }[]
        allowOver100Percent: boolean
      }
      beneficiary: 'referrer' | 'referee'
      holdingDays: number
      recurring: {
        periods: number
      } | null
      minimumAmount: number | null
      caps: readonly {
        per: 'user' | 'rule' | 'referral'
        interval: 'day' | 'month' | 'total'
        amount?: number
        count?: number
      }[]
      /** Whose days and months the caps count in. */
      timeZone: string
      validFrom: string | null
      validTo: string | null
      attributionDays: number | null
      /** CEL over event, referrer, referee, referral and invoice; what an event does not tell leaves it unmet. */
      condition: string | null
      priority: number
      stacking: 'all' | 'highestPriority'
      mode: 'active' | 'shadow'
      activeFrom: string | null
      activeTo: string | null
      activatedAt: string | null
      activatedBy: string | null
      /** When it was tried out, in shadow or as a canary. */
      trials: readonly {
        kind: 'shadow' | 'canary'
        percent: number
        from: string
        to: string | null
      }[]
      /** What is allowed and probably not meant. */
      warnings: readonly {
        path: string
        message: string
      }[]
      createdAt: string
      createdBy: string
    }
  }
  /** Rules, newest first, each in its newest version. Scope `rules:read`. */
  'GET /api/v1/reward-rules': {
    takes: [query?: {
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
    }]
    gives: {
      items: readonly {
        id: string
        version: number
        status: 'draft' | 'shadow' | 'canary' | 'scheduled' | 'active' | 'retired'
        name: string
        eventType: string
        currency: Currency
        reward: {
          kind: 'percent'
          basisPoints: number
          allowOver100Percent: boolean
        } | {
          kind: 'fixed'
          amount: number
          currency: Currency
        } | {
          kind: 'tiers'
          by: 'conversions' | 'amount'
          tiers: readonly {
            from: number
            basisPoints?: number
            amount?: number
          }[]
          allowOver100Percent: boolean
        }
        beneficiary: 'referrer' | 'referee'
        holdingDays: number
        recurring: {
          periods: number
        } | null
        minimumAmount: number | null
        caps: readonly {
          per: 'user' | 'rule' | 'referral'
          interval: 'day' | 'month' | 'total'
          amount?: number
          count?: number
        }[]
        /** Whose days and months the caps count in. */
        timeZone: string
        validFrom: string | null
        validTo: string | null
        attributionDays: number | null
        /** CEL over event, referrer, referee, referral and invoice; what an event does not tell leaves it unmet. */
        condition: string | null
        priority: number
        stacking: 'all' | 'highestPriority'
        mode: 'active' | 'shadow'
        activeFrom: string | null
        activeTo: string | null
        activatedAt: string | null
        activatedBy: string | null
        /** When it was tried out, in shadow or as a canary. */
        trials: readonly {
          kind: 'shadow' | 'canary'
          percent: number
          from: string
          to: string | null
        }[]
        /** What is allowed and probably not meant. */
        warnings: readonly {
          path: string
          message: string
        }[]
        createdAt: string
        createdBy: string
      }[]
      nextCursor: string | null
    }
  }
  /** One rule: its newest version, all its versions, and who did what to it when and why. Scope `rules:read`. */
  'GET /api/v1/reward-rules/{id}': {
    takes: [id: string]
    gives: {
      id: string
      version: number
      status: 'draft' | 'shadow' | 'canary' | 'scheduled' | 'active' | 'retired'
      name: string
      eventType: string
      currency: Currency
      reward: {
        kind: 'percent'
        basisPoints: number
        allowOver100Percent: boolean
      } | {
        kind: 'fixed'
        amount: number
        currency: Currency
      } | {
        kind: 'tiers'
        by: 'conversions' | 'amount'
        tiers: readonly {
          from: number
          basisPoints?: number
          amount?: number
        }[]
        allowOver100Percent: boolean
      }
      beneficiary: 'referrer' | 'referee'
      holdingDays: number
      recurring: {
        periods: number
      } | null
      minimumAmount: number | null
      caps: readonly {
        per: 'user' | 'rule' | 'referral'
        interval: 'day' | 'month' | 'total'
        amount?: number
        count?: number
      }[]
      /** Whose days and months the caps count in. */
      timeZone: string
      validFrom: string | null
      validTo: string | null
      attributionDays: number | null
      /** CEL over event, referrer, referee, referral and invoice; what an event does not tell leaves it unmet. */
      condition: string | null
      priority: number
      stacking: 'all' | 'highestPriority'
      mode: 'active' | 'shadow'
      activeFrom: string | null
      activeTo: string | null
      activatedAt: string | null
      activatedBy: string | null
      /** When it was tried out, in shadow or as a canary. */
      trials: readonly {
        kind: 'shadow' | 'canary'
        percent: number
        from: string
        to: string | null
      }[]
      /** What is allowed and probably not meant. */
      warnings: readonly {
        path: string
        message: string
      }[]
      createdAt: string
      createdBy: string
      versions: readonly {
        id: string
        version: number
        status: 'draft' | 'shadow' | 'canary' | 'scheduled' | 'active' | 'retired'
        name: string
        eventType: string
        currency: Currency
        reward: {
          kind: 'percent'
          basisPoints: number
          allowOver100Percent: boolean
        } | {
          kind: 'fixed'
          amount: number
          currency: Currency
        } | {
          kind: 'tiers'
          by: 'conversions' | 'amount'
          tiers: readonly {
            from: number
            basisPoints?: number
            amount?: number
          }[]
          allowOver100Percent: boolean
        }
        beneficiary: 'referrer' | 'referee'
        holdingDays: number
        recurring: {
          periods: number
        } | null
        minimumAmount: number | null
        caps: readonly {
          per: 'user' | 'rule' | 'referral'
          interval: 'day' | 'month' | 'total'
          amount?: number
          count?: number
        }[]
        /** Whose days and months the caps count in. */
        timeZone: string
        validFrom: string | null
        validTo: string | null
        attributionDays: number | null
        /** CEL over event, referrer, referee, referral and invoice; what an event does not tell leaves it unmet. */
        condition: string | null
        priority: number
        stacking: 'all' | 'highestPriority'
        mode: 'active' | 'shadow'
        activeFrom: string | null
        activeTo: string | null
        activatedAt: string | null
        activatedBy: string | null
        /** When it was tried out, in shadow or as a canary. */
        trials: readonly {
          kind: 'shadow' | 'canary'
          percent: number
          from: string
          to: string | null
        }[]
        /** What is allowed and probably not meant. */
        warnings: readonly {
          path: string
          message: string
        }[]
        createdAt: string
        createdBy: string
      }[]
      /** The newest first. */
      history: readonly {
        version: number | null
        change: 'drafted' | 'shadowed' | 'canaried' | 'activated' | 'retired'
        /** From when it counts. */
        from: string | null
        by: string
        reason: string | null
        at: string
      }[]
    }
  }
  /** Write the next version of a rule; the one before counts until it is activated. Scope `rules:write`. */
  'POST /api/v1/reward-rules/{id}/versions': {
    takes: [id: string, body: {
      name: string
      eventType: string
      currency: Currency
      reward: {
        kind: 'percent'
        basisPoints: number
        allowOver100Percent?: boolean | undefined
      } | {
        kind: 'fixed'
        amount: number
        currency: Currency
      } | {
        kind: 'tiers'
        by: 'conversions' | 'amount'
        tiers: readonly {
          from: number
          basisPoints?: number | undefined
          amount?: number | undefined
        }[]
        allowOver100Percent?: boolean | undefined
      }
      beneficiary?: 'referrer' | 'referee' | undefined
      holdingDays?: number | undefined
      recurring?: {
        periods: number
      } | null | undefined
      minimumAmount?: number | null | undefined
      caps?: readonly {
        per: 'user' | 'rule' | 'referral'
        interval: 'day' | 'month' | 'total'
        amount?: number | undefined
        count?: number | undefined
      }[] | undefined
      /** Whose days and months the caps count in. */
      timeZone?: string | undefined
      validFrom?: string | null | undefined
      validTo?: string | null | undefined
      attributionDays?: number | null | undefined
      /** CEL over event, referrer, referee, referral and invoice; what an event does not tell leaves it unmet. */
      condition?: string | null | undefined
      priority?: number | undefined
      stacking?: 'all' | 'highestPriority' | undefined
      mode?: 'active' | 'shadow' | undefined
    }]
    gives: {
      id: string
      version: number
      status: 'draft' | 'shadow' | 'canary' | 'scheduled' | 'active' | 'retired'
      name: string
      eventType: string
      currency: Currency
      reward: {
        kind: 'percent'
        basisPoints: number
        allowOver100Percent: boolean
      } | {
        kind: 'fixed'
        amount: number
        currency: Currency
      } | {
        kind: 'tiers'
        by: 'conversions' | 'amount'
        tiers: readonly {
          from: number
          basisPoints?: number
          amount?: number
        }[]
        allowOver100Percent: boolean
      }
      beneficiary: 'referrer' | 'referee'
      holdingDays: number
      recurring: {
        periods: number
      } | null
      minimumAmount: number | null
      caps: readonly {
        per: 'user' | 'rule' | 'referral'
        interval: 'day' | 'month' | 'total'
        amount?: number
        count?: number
      }[]
      /** Whose days and months the caps count in. */
      timeZone: string
      validFrom: string | null
      validTo: string | null
      attributionDays: number | null
      /** CEL over event, referrer, referee, referral and invoice; what an event does not tell leaves it unmet. */
      condition: string | null
      priority: number
      stacking: 'all' | 'highestPriority'
      mode: 'active' | 'shadow'
      activeFrom: string | null
      activeTo: string | null
      activatedAt: string | null
      activatedBy: string | null
      /** When it was tried out, in shadow or as a canary. */
      trials: readonly {
        kind: 'shadow' | 'canary'
        percent: number
        from: string
        to: string | null
      }[]
      /** What is allowed and probably not meant. */
      warnings: readonly {
        path: string
        message: string
      }[]
      createdAt: string
      createdBy: string
    }
  }
  /** Let a version of a rule count, now or later, or try it out: in shadow, or as a canary for some users. Scope `rules:write`. */
  'POST /api/v1/reward-rules/{id}/activate': {
    takes: [id: string, body: {
      version: number
      activeFrom?: string | null | undefined
      /** The version's own mode where it is left out. */
      mode?: 'active' | 'shadow' | 'canary' | undefined
      /** Of the users, for a canary. */
      percent?: number | undefined
      reason?: string | undefined
    }]
    gives: {
      id: string
      version: number
      status: 'draft' | 'shadow' | 'canary' | 'scheduled' | 'active' | 'retired'
      name: string
      eventType: string
      currency: Currency
      reward: {
        kind: 'percent'
        basisPoints: number
        allowOver100Percent: boolean
      } | {
        kind: 'fixed'
        amount: number
        currency: Currency
      } | {
        kind: 'tiers'
        by: 'conversions' | 'amount'
        tiers: readonly {
          from: number
          basisPoints?: number
          amount?: number
        }[]
        allowOver100Percent: boolean
      }
      beneficiary: 'referrer' | 'referee'
      holdingDays: number
      recurring: {
        periods: number
      } | null
      minimumAmount: number | null
      caps: readonly {
        per: 'user' | 'rule' | 'referral'
        interval: 'day' | 'month' | 'total'
        amount?: number
        count?: number
      }[]
      /** Whose days and months the caps count in. */
      timeZone: string
      validFrom: string | null
      validTo: string | null
      attributionDays: number | null
      /** CEL over event, referrer, referee, referral and invoice; what an event does not tell leaves it unmet. */
      condition: string | null
      priority: number
      stacking: 'all' | 'highestPriority'
      mode: 'active' | 'shadow'
      activeFrom: string | null
      activeTo: string | null
      activatedAt: string | null
      activatedBy: string | null
      /** When it was tried out, in shadow or as a canary. */
      trials: readonly {
        kind: 'shadow' | 'canary'
        percent: number
        from: string
        to: string | null
      }[]
      /** What is allowed and probably not meant. */
      warnings: readonly {
        path: string
        message: string
      }[]
      createdAt: string
      createdBy: string
    }
  }
  /** End a rule: it counts for no event from now on; what it granted stays. Scope `rules:write`. */
  'POST /api/v1/reward-rules/{id}/retire': {
    takes: [id: string, body?: {
      reason?: string | undefined
    }]
    gives: {
      id: string
      version: number
      status: 'draft' | 'shadow' | 'canary' | 'scheduled' | 'active' | 'retired'
      name: string
      eventType: string
      currency: Currency
      reward: {
        kind: 'percent'
        basisPoints: number
        allowOver100Percent: boolean
      } | {
        kind: 'fixed'
        amount: number
        currency: Currency
      } | {
        kind: 'tiers'
        by: 'conversions' | 'amount'
        tiers: readonly {
          from: number
          basisPoints?: number
          amount?: number
        }[]
        allowOver100Percent: boolean
      }
      beneficiary: 'referrer' | 'referee'
      holdingDays: number
      recurring: {
        periods: number
      } | null
      minimumAmount: number | null
      caps: readonly {
        per: 'user' | 'rule' | 'referral'
        interval: 'day' | 'month' | 'total'
        amount?: number
        count?: number
      }[]
      /** Whose days and months the caps count in. */
      timeZone: string
      validFrom: string | null
      validTo: string | null
      attributionDays: number | null
      /** CEL over event, referrer, referee, referral and invoice; what an event does not tell leaves it unmet. */
      condition: string | null
      priority: number
      stacking: 'all' | 'highestPriority'
      mode: 'active' | 'shadow'
      activeFrom: string | null
      activeTo: string | null
      activatedAt: string | null
      activatedBy: string | null
      /** When it was tried out, in shadow or as a canary. */
      trials: readonly {
        kind: 'shadow' | 'canary'
        percent: number
        from: string
        to: string | null
      }[]
      /** What is allowed and probably not meant. */
      warnings: readonly {
        path: string
        message: string
      }[]
      createdAt: string
      createdBy: string
    }
  }
  /** What an event would earn, as if it happened and were new: by the rules that count, or by the one given; caps are asked and not spent, nothing is stored. Scope `rules:read`. */
  'POST /api/v1/reward-rules/simulate': {
    takes: [body: {
      rule?: {
        name: string
        eventType: string
        currency: Currency
        reward: {
          kind: 'percent'
          basisPoints: number
          allowOver100Percent?: boolean | undefined
        } | {
          kind: 'fixed'
          amount: number
          currency: Currency
        } | {
          kind: 'tiers'
          by: 'conversions' | 'amount'
          tiers: readonly {
            from: number
            basisPoints?: number | undefined
            amount?: number | undefined
          }[]
          allowOver100Percent?: boolean | undefined
        }
        beneficiary?: 'referrer' | 'referee' | undefined
        holdingDays?: number | undefined
        recurring?: {
          periods: number
        } | null | undefined
        minimumAmount?: number | null | undefined
        caps?: readonly {
          per: 'user' | 'rule' | 'referral'
          interval: 'day' | 'month' | 'total'
          amount?: number | undefined
          count?: number | undefined
        }[] | undefined
        /** Whose days and months the caps count in. */
        timeZone?: string | undefined
        validFrom?: string | null | undefined
        validTo?: string | null | undefined
        attributionDays?: number | null | undefined
        /** CEL over event, referrer, referee, referral and invoice; what an event does not tell leaves it unmet. */
        condition?: string | null | undefined
        priority?: number | undefined
        stacking?: 'all' | 'highestPriority' | undefined
        mode?: 'active' | 'shadow' | undefined
      } | undefined
      event: {
        type: string
        timestamp?: string | undefined
        data: {
          externalUserId: string
          /** Integer minor units, 1 to 2^53 - 1. */
          amount?: number | undefined
          currency?: Currency | undefined
          email?: string | undefined
          referralCode?: string | undefined
          touches?: readonly {
            code: string
            at: string
            [more: string]: unknown
          }[] | undefined
          invoiceId?: string | undefined
          subscriptionId?: string | undefined
          period?: number | undefined
          [more: string]: unknown
        }
      }
    }]
    gives: {
      outcome: 'processed' | 'ignored'
      reason: string | null
      explanation: string
      rewards: readonly {
        beneficiary: 'referrer' | 'referee'
        userId: string
        amount: {
          /** Integer minor units, 1 to 2^53 - 1. */
          amount: number
          currency: Currency
        }
        ruleId: string
        ruleVersion: number
        holdingDays: number
      }[]
      trace: unknown
    }
  }
  /** What a rule would have given in a period, event by event in the order in which they were decided, against what was given; nothing is stored. Scope `rules:read`. From the plan `pro` on. */
  'POST /api/v1/reward-rules/backtest': {
    takes: [body: {
      rule?: {
        name: string
        eventType: string
        currency: Currency
        reward: {
          kind: 'percent'
          basisPoints: number
          allowOver100Percent?: boolean | undefined
        } | {
          kind: 'fixed'
          amount: number
          currency: Currency
        } | {
          kind: 'tiers'
          by: 'conversions' | 'amount'
          tiers: readonly {
            from: number
            basisPoints?: number | undefined
            amount?: number | undefined
          }[]
          allowOver100Percent?: boolean | undefined
        }
        beneficiary?: 'referrer' | 'referee' | undefined
        holdingDays?: number | undefined
        recurring?: {
          periods: number
        } | null | undefined
        minimumAmount?: number | null | undefined
        caps?: readonly {
          per: 'user' | 'rule' | 'referral'
          interval: 'day' | 'month' | 'total'
          amount?: number | undefined
          count?: number | undefined
        }[] | undefined
        /** Whose days and months the caps count in. */
        timeZone?: string | undefined
        validFrom?: string | null | undefined
        validTo?: string | null | undefined
        attributionDays?: number | null | undefined
        /** CEL over event, referrer, referee, referral and invoice; what an event does not tell leaves it unmet. */
        condition?: string | null | undefined
        priority?: number | undefined
        stacking?: 'all' | 'highestPriority' | undefined
        mode?: 'active' | 'shadow' | undefined
      } | undefined
      ruleId?: string | undefined
      version?: number | undefined
      from: string
      to: string
    }]
    gives: {
      /** How many events rules were asked about. */
      events: number
      /** Zeros for a rule that does not exist yet. */
      ruleId: string
      /** Every event would have earned exactly what it did, and all could be read. */
      isSame: boolean
      /** Entries of the history that are damaged and were left out; 0 unless somebody changed them. */
      unreadable: number
      /** How many rewards would have been other ones. */
      differences: number
      examples: readonly {
        eventId: string
        ruleId: string
        beneficiary: string
        simulated: number
        actual: number
      }[]
      /** Of the rule itself; null where it gives and gave nothing. */
      budget: {
        currency: Currency
        simulated: {
          rewards: number
          amount: number
        }
        actual: {
          rewards: number
          amount: number
        }
        difference: number
      } | null
      /** Of all rules for its type of event. */
      rules: readonly {
        ruleId: string
        currency: Currency
        simulated: {
          rewards: number
          amount: number
        }
        actual: {
          rewards: number
          amount: number
        }
        difference: number
      }[]
      usersAffected: number
      /** Those for whom most would change, at most 100. */
      users: readonly {
        userId: string
        currency: Currency
        simulated: number
        actual: number
        difference: number
      }[]
    }
  }
  /** Which touch of a code counts, and within which times; with who said so, when and why. Scope `rules:read`. */
  'GET /api/v1/attribution-settings': {
    takes: []
    gives: {
      /** Which of the touches that may count does. */
      model: 'first' | 'last'
      /** From the touch to the registration; null for however long ago. */
      touchDays: number | null
      /** From the registration to the first payment; null for however late. */
      paymentDays: number | null
      /** 0 until somebody has said anything. */
      version: number
      activeFrom: string | null
      reason: string | null
      doneBy: string | null
      doneAt: string | null
      /** All that ever counted, the newest first, at most 200. */
      history: readonly {
        /** Which of the touches that may count does. */
        model: 'first' | 'last'
        /** From the touch to the registration; null for however long ago. */
        touchDays: number | null
        /** From the registration to the first payment; null for however late. */
        paymentDays: number | null
        /** 0 until somebody has said anything. */
        version: number
        activeFrom: string | null
        reason: string | null
        doneBy: string | null
        doneAt: string | null
      }[]
    }
  }
  /** Say which touch counts and within which times, for registrations from now on; those of before keep theirs. Scope `rules:write`. */
  'PUT /api/v1/attribution-settings': {
    takes: [body: {
      /** Which of the touches that may count does. */
      model: 'first' | 'last'
      /** From the touch to the registration; null for however long ago. */
      touchDays: number | null
      /** From the registration to the first payment; null for however late. */
      paymentDays: number | null
      /** Why, in your words; kept with who did it. */
      reason: string
    }]
    gives: {
      /** Which of the touches that may count does. */
      model: 'first' | 'last'
      /** From the touch to the registration; null for however long ago. */
      touchDays: number | null
      /** From the registration to the first payment; null for however late. */
      paymentDays: number | null
      /** 0 until somebody has said anything. */
      version: number
      activeFrom: string | null
      reason: string | null
      doneBy: string | null
      doneAt: string | null
    }
  }
  /** Rewards, newest first; eventId finds those that an event granted or changed. Scope `rewards:read`. */
  'GET /api/v1/rewards': {
    takes: [query?: {
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
      userId?: string | undefined
      status?: 'pending' | 'held' | 'available' | 'reversed' | 'refused' | undefined
      eventId?: string | undefined
    }]
    gives: {
      items: readonly {
        id: string
        userId: string
        status: 'pending' | 'held' | 'available' | 'reversed' | 'refused'
        /** Where it stands and why, for people. */
        explanation: string
        /** What was granted. */
        amount: {
          amount: number
          currency: Currency
        }
        /** What was taken back of it. */
        reversed: {
          amount: number
          currency: Currency
        }
        remaining: {
          amount: number
          currency: Currency
        }
        beneficiary: 'referrer' | 'referee'
        ruleId: string
        ruleVersion: number
        referralId: string
        cause: string
        eventId: string
        screening: 'waiting' | 'passed' | 'held' | 'failed'
        /** Whose holds stand: `fraud`, `person`, `dispute:<disputeId>`. */
        holds: readonly string[]
        /** Why the ledger refused it; null for almost all. */
        refusal: string | null
        earnedAt: string
        dueAt: string
        releasedAt: string | null
      }[]
      nextCursor: string | null
    }
  }
  /** One reward, with every movement of its money, who held it, and why it was granted. Scope `rewards:read`. */
  'GET /api/v1/rewards/{id}': {
    takes: [id: string]
    gives: {
      id: string
      userId: string
      status: 'pending' | 'held' | 'available' | 'reversed' | 'refused'
      /** Where it stands and why, for people. */
      explanation: string
      /** What was granted. */
      amount: {
        amount: number
        currency: Currency
      }
      /** What was taken back of it. */
      reversed: {
        amount: number
        currency: Currency
      }
      remaining: {
        amount: number
        currency: Currency
      }
      beneficiary: 'referrer' | 'referee'
      ruleId: string
      ruleVersion: number
      referralId: string
      cause: string
      eventId: string
      screening: 'waiting' | 'passed' | 'held' | 'failed'
      /** Whose holds stand: `fraud`, `person`, `dispute:<disputeId>`. */
      holds: readonly string[]
      /** Why the ledger refused it; null for almost all. */
      refusal: string | null
      earnedAt: string
      dueAt: string
      releasedAt: string | null
      transactions: readonly {
        id: string
        kind: 'earned' | 'held' | 'released' | 'resumed' | 'reversed'
        amount: {
          amount: number
          currency: Currency
        }
        reason: string | null
        /** Who did it; null where an event or time did. */
        doneBy: string | null
        /** What they said. */
        note: string | null
        eventId: string
        effectiveAt: string
        recordedAt: string
      }[]
      holdHistory: readonly {
        id: string
        holder: 'fraud' | 'dispute' | 'person'
        disputeId: string | null
        action: 'placed' | 'lifted'
        reason: string
        /** Who did it; null where an event did. */
        doneBy: string | null
        /** What they said. */
        note: string | null
        eventId: string
        /** The reward's movement; null where others stood or nothing was left. */
        transactionId: string | null
        effectiveAt: string
        recordedAt: string
      }[]
      refusals: readonly {
        transactionId: string
        kind: 'earned' | 'held' | 'released' | 'resumed' | 'reversed'
        reason: string
        refusedAt: string
      }[]
      trace: unknown
    }
  }
  /** Take a reward back, all that is left of it or a part, with a reason. Scope `rewards:write`. */
  'POST /api/v1/rewards/{id}/reverse': {
    takes: [id: string, body: {
      /** Minor units of the reward's currency; all that is left without it. */
      amount?: number | undefined
      reason: string
    }]
    gives: {
      id: string
      userId: string
      status: 'pending' | 'held' | 'available' | 'reversed' | 'refused'
      /** Where it stands and why, for people. */
      explanation: string
      /** What was granted. */
      amount: {
        amount: number
        currency: Currency
      }
      /** What was taken back of it. */
      reversed: {
        amount: number
        currency: Currency
      }
      remaining: {
        amount: number
        currency: Currency
      }
      beneficiary: 'referrer' | 'referee'
      ruleId: string
      ruleVersion: number
      referralId: string
      cause: string
      eventId: string
      screening: 'waiting' | 'passed' | 'held' | 'failed'
      /** Whose holds stand: `fraud`, `person`, `dispute:<disputeId>`. */
      holds: readonly string[]
      /** Why the ledger refused it; null for almost all. */
      refusal: string | null
      earnedAt: string
      dueAt: string
      releasedAt: string | null
    }
  }
  /** Hold a reward: it is not released until people resume it, whatever fraud and disputes say. Scope `rewards:write`. */
  'POST /api/v1/rewards/{id}/hold': {
    takes: [id: string, body: {
      reason: string
    }]
    gives: {
      id: string
      userId: string
      status: 'pending' | 'held' | 'available' | 'reversed' | 'refused'
      /** Where it stands and why, for people. */
      explanation: string
      /** What was granted. */
      amount: {
        amount: number
        currency: Currency
      }
      /** What was taken back of it. */
      reversed: {
        amount: number
        currency: Currency
      }
      remaining: {
        amount: number
        currency: Currency
      }
      beneficiary: 'referrer' | 'referee'
      ruleId: string
      ruleVersion: number
      referralId: string
      cause: string
      eventId: string
      screening: 'waiting' | 'passed' | 'held' | 'failed'
      /** Whose holds stand: `fraud`, `person`, `dispute:<disputeId>`. */
      holds: readonly string[]
      /** Why the ledger refused it; null for almost all. */
      refusal: string | null
      earnedAt: string
      dueAt: string
      releasedAt: string | null
    }
  }
  /** Lift the hold that people placed on a reward; those of fraud and of disputes stay. Scope `rewards:write`. */
  'POST /api/v1/rewards/{id}/resume': {
    takes: [id: string, body: {
      reason: string
    }]
    gives: {
      id: string
      userId: string
      status: 'pending' | 'held' | 'available' | 'reversed' | 'refused'
      /** Where it stands and why, for people. */
      explanation: string
      /** What was granted. */
      amount: {
        amount: number
        currency: Currency
      }
      /** What was taken back of it. */
      reversed: {
        amount: number
        currency: Currency
      }
      remaining: {
        amount: number
        currency: Currency
      }
      beneficiary: 'referrer' | 'referee'
      ruleId: string
      ruleVersion: number
      referralId: string
      cause: string
      eventId: string
      screening: 'waiting' | 'passed' | 'held' | 'failed'
      /** Whose holds stand: `fraud`, `person`, `dispute:<disputeId>`. */
      holds: readonly string[]
      /** Why the ledger refused it; null for almost all. */
      refusal: string | null
      earnedAt: string
      dueAt: string
      releasedAt: string | null
    }
  }
  /** What became of senders' events and why, newest event first; userId finds those about a user and whom they referred. Scope `rewards:read`. */
  'GET /api/v1/decisions': {
    takes: [query?: {
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
      eventId?: string | undefined
      userId?: string | undefined
    }]
    gives: {
      items: readonly {
        id: string
        eventId: string
        /** The highest revision of an event counts. */
        revision: number
        type: string
        externalUserId: string | null
        outcome: 'processed' | 'ignored'
        reason: string | null
        /** The same in words, for people. */
        explanation: string
        rewardIds: readonly string[]
        /** Every rule looked at, and every condition with the value seen. */
        trace: unknown
        happenedAt: string
        recordedAt: string
      }[]
      nextCursor: string | null
    }
  }
  /** From codes to customers to payments to rewards. Scope `rewards:read`. From the plan `growth` on. As CSV from the plan `pro` on. */
  'GET /api/v1/rewards-reports/funnel': {
    takes: [query?: {
      /** The first instant that counts; 365 days before `to` if left out. */
      from?: string | undefined
      /** The first instant that does not count; now if left out. */
      to?: string | undefined
    }]
    gives: {
      from: string
      to: string
      lines: readonly {
        /** Referral codes made in the period; codes of people whose data was removed are not counted. */
        codes: number
        /** Codes that customers who registered in the period came by. */
        codesUsed: number
        /** Customers who registered in the period with a referral that was not rejected. */
        registered: number
        /** Of these, who have paid until now. */
        converted: number
        /** Of these, for whom a reward stands until now: not taken back whole, not refused by the ledger. */
        rewarded: number
        /** Referrals of the period that were rejected; in no other figure. */
        rejected: number
      }[]
    }
    csv: true
  }
  /** The funnel by the month in which customers registered. Scope `rewards:read`. From the plan `growth` on. As CSV from the plan `pro` on. */
  'GET /api/v1/rewards-reports/cohorts': {
    takes: [query?: {
      /** The first instant that counts; 365 days before `to` if left out. */
      from?: string | undefined
      /** The first instant that does not count; now if left out. */
      to?: string | undefined
    }]
    gives: {
      from: string
      to: string
      lines: readonly {
        /** In which the customers registered, in UTC. */
        month: string
        /** Customers who registered in the period with a referral that was not rejected. */
        registered: number
        /** Of these, who have paid until now. */
        converted: number
        /** Of these, for whom a reward stands until now: not taken back whole, not refused by the ledger. */
        rewarded: number
      }[]
    }
    csv: true
  }
  /** The 100 who brought most customers who paid. Scope `rewards:read`. From the plan `growth` on. As CSV from the plan `pro` on. */
  'GET /api/v1/rewards-reports/top-referrers': {
    takes: [query?: {
      /** The first instant that counts; 365 days before `to` if left out. */
      from?: string | undefined
      /** The first instant that does not count; now if left out. */
      to?: string | undefined
    }]
    gives: {
      from: string
      to: string
      lines: readonly {
        userId: string
        /** Customers who registered in the period with a referral that was not rejected. */
        registered: number
        /** Of these, who have paid until now. */
        converted: number
        /** Of these, for whom a reward stands until now: not taken back whole, not refused by the ledger. */
        rewarded: number
      }[]
    }
    csv: true
  }
  /** What each rule cost, in each currency. Scope `rewards:read`. As CSV from the plan `pro` on. */
  'GET /api/v1/rewards-reports/rule-costs': {
    takes: [query?: {
      /** The first instant that counts; 365 days before `to` if left out. */
      from?: string | undefined
      /** The first instant that does not count; now if left out. */
      to?: string | undefined
    }]
    gives: {
      from: string
      to: string
      lines: readonly {
        ruleId: string
        currency: Currency
        /** Rewards for events of the period, without those that the ledger refused. */
        rewards: number
        granted: number
        /** What was taken back of them until now. */
        reversed: number
        net: number
      }[]
    }
    csv: true
  }
  /** Take in users, codes or referrals, as CSV (the columns say which) or JSON; dryRun tells and does nothing. Scope `users:write`. */
  'POST /api/v1/imports': {
    takes: [body: {
      kind: 'users'
      lines: readonly {
        /** Where it stands in its file; its place if left out. */
        line?: number | undefined
        externalId: string
        email?: string | undefined
        name?: string | undefined
      }[]
    } | {
      kind: 'codes'
      lines: readonly {
        /** Where it stands in its file; its place if left out. */
        line?: number | undefined
        externalId: string
        code: string
      }[]
    } | {
      kind: 'referrals'
      lines: readonly {
        /** Where it stands in its file; its place if left out. */
        line?: number | undefined
        /** The customer. */
        externalId: string
        referrerExternalId: string
        /** When the customer registered; now if left out. */
        registeredAt?: string | undefined
      }[]
    } | string, query?: {
      dryRun?: 'true' | 'false' | undefined
    }]
    gives: {
      dryRun: boolean
      kind: 'users' | 'codes' | 'referrals'
      counts: {
        created: number
        unchanged: number
        refused: number
      }
      refused: readonly {
        line: number
        /** As of the command for one alone. */
        reason: string
      }[]
    }
  }
  /** All users, codes or referrals as CSV, with the columns of an import. Scope `users:read`. */
  'GET /api/v1/exports/{kind}': {
    takes: [kind: 'users' | 'codes' | 'referrals']
    gives: AsyncIterable<string>
  }
}

/** What has to be known to call them. */
export const rewardsRoutes: Readonly<Record<keyof RewardsRoutes, RouteTraits>> = {
  'POST /api/v1/users': { body: true, keyed: true },
  'GET /api/v1/users': { query: true },
  'GET /api/v1/users/{id}': {},
  'POST /api/v1/users/{id}/referral-codes': { body: true, keyed: true },
  'GET /api/v1/users/{id}/referral-codes': {},
  'GET /api/v1/referral-codes/{code}': {},
  'POST /api/v1/referrals': { body: true, keyed: true },
  'GET /api/v1/referrals': { query: true },
  'GET /api/v1/referrals/{id}': {},
  'POST /api/v1/referrals/{id}/reject': { body: true, keyed: true },
  'DELETE /api/v1/users/{id}/personal-data': {},
  'POST /api/v1/reward-rules': { body: true, keyed: true },
  'GET /api/v1/reward-rules': { query: true },
  'GET /api/v1/reward-rules/{id}': {},
  'POST /api/v1/reward-rules/{id}/versions': { body: true, keyed: true },
  'POST /api/v1/reward-rules/{id}/activate': { body: true, keyed: true },
  'POST /api/v1/reward-rules/{id}/retire': { body: true, keyed: true },
  'POST /api/v1/reward-rules/simulate': { body: true },
  'POST /api/v1/reward-rules/backtest': { body: true },
  'GET /api/v1/attribution-settings': {},
  'PUT /api/v1/attribution-settings': { body: true, keyed: true },
  'GET /api/v1/rewards': { query: true },
  'GET /api/v1/rewards/{id}': {},
  'POST /api/v1/rewards/{id}/reverse': { body: true, keyed: true },
  'POST /api/v1/rewards/{id}/hold': { body: true, keyed: true },
  'POST /api/v1/rewards/{id}/resume': { body: true, keyed: true },
  'GET /api/v1/decisions': { query: true },
  'GET /api/v1/rewards-reports/funnel': { query: true },
  'GET /api/v1/rewards-reports/cohorts': { query: true },
  'GET /api/v1/rewards-reports/top-referrers': { query: true },
  'GET /api/v1/rewards-reports/rule-costs': { query: true },
  'POST /api/v1/imports': { body: true, textBody: 'text/csv', query: true },
  'GET /api/v1/exports/{kind}': { streams: 'text/csv' },
}
