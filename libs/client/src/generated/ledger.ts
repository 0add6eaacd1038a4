// Made from the routes by `npm run generate -w tools/docs`.
import type { Currency } from '../currency.ts'
import type { RouteTraits } from '../route.ts'

/** The routes that only ledger has: what each takes, in this order, and what it gives. */
export type LedgerRoutes = {
  /** A user's balances in each currency, now or as of any past instant. Scope `ledger:read`. */
  'GET /api/v1/users/{id}/balance': {
    takes: [id: string, query?: {
      currency?: Currency | undefined
      asOf?: string | undefined
      /** Whether `asOf` counts when it was posted, or when it happened outside. */
      basis?: 'recorded' | 'effective' | undefined
    }]
    gives: {
      userId: string
      balances: readonly {
        currency: Currency
        pending: number
        available: number
        held: number
        inPayout: number
        owed: number
        /** Earned less taken back. */
        totalEarned: number
      }[]
    }
  }
  /** A user's statement: every entry with the balance after it, newest first, between opening and closing balances. By when it was recorded, so a period that is over prints the same for ever. Scope `ledger:read`. */
  'GET /api/v1/users/{id}/entries': {
    takes: [id: string, query?: {
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
      currency?: Currency | undefined
      account?: 'pending' | 'available' | 'held' | 'in_payout' | 'owed' | undefined
      /** The first instant; the beginning if left out. */
      from?: string | undefined
      /** The instant after the last, not in the future; now if left out. */
      to?: string | undefined
    }]
    gives: {
      items: readonly {
        account: 'pending' | 'available' | 'held' | 'in_payout' | 'owed'
        currency: Currency
        /** Counts the account's entries, without gaps. */
        version: number
        side: 'debit' | 'credit'
        /** Integer minor units, 1 to 2^53 - 1. */
        amount: number
        balanceAfter: number
        transferId: string
        kind: string
        causeId: string
        rewardId: string | null
        cashoutId: string | null
        postedAt: string
        effectiveAt: string
      }[]
      nextCursor: string | null
      from: string | null
      /** As asked for, or when the first page was. */
      to: string
      balances: readonly {
        currency: Currency
        account: 'pending' | 'available' | 'held' | 'in_payout' | 'owed'
        opening: number
        closing: number
      }[]
    }
    csv: true
  }
  /** One transfer. Scope `ledger:read`. */
  'GET /api/v1/transfers/{id}': {
    takes: [id: string]
    gives: {
      id: string
      /** Counts all transfers in the order of posting, without gaps. */
      number: number
      kind: string
      debitAccount: string
      creditAccount: string
      userId: string | null
      provider: string | null
      /** Integer minor units, 1 to 2^53 - 1. */
      amount: number
      currency: Currency
      causeId: string
      rewardId: string | null
      cashoutId: string | null
      postedAt: string
      effectiveAt: string
    }
  }
  /** What a cause, such as a reward transaction, led to; and if to nothing, why. Scope `ledger:read`. */
  'GET /api/v1/transfers': {
    takes: [query: {
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
      causeId: string
    }]
    gives: {
      items: readonly {
        id: string
        /** Counts all transfers in the order of posting, without gaps. */
        number: number
        kind: string
        debitAccount: string
        creditAccount: string
        userId: string | null
        provider: string | null
        /** Integer minor units, 1 to 2^53 - 1. */
        amount: number
        currency: Currency
        causeId: string
        rewardId: string | null
        cashoutId: string | null
        postedAt: string
        effectiveAt: string
      }[]
      nextCursor: string | null
      /** The answer kept with the cause; null for one never heard of. */
      cause: {
        outcome: 'posted' | 'nothing_to_do' | 'refused'
        reason: string | null
        answeredAt: string
        /** What was asked for, as are the fields after it; null on old causes. */
        kind: string | null
        /** The reward or the cashout that it is about, or the cause itself. */
        subjectId: string | null
        userId: string | null
        amount: number | null
        currency: Currency | null
        /** What the kind needs besides: the sequence of a hold, the provider of a cashout. */
        detail: string | null
      } | null
    }
  }
  /** Debits, credits and balance of each kind of account in each currency, now or as recorded at an instant. Scope `ledger:read`. */
  'GET /api/v1/trial-balance': {
    takes: [query?: {
      asOf?: string | undefined
    }]
    gives: {
      asOf: string | null
      balanced: boolean
      lines: readonly {
        account: string
        currency: Currency
        /** Every digit is exact, also beyond 2^53 - 1. */
        debits: number | bigint
        /** Every digit is exact, also beyond 2^53 - 1. */
        credits: number | bigint
        /** Every digit is exact, also beyond 2^53 - 1. */
        balance: number | bigint
      }[]
      totals: readonly {
        currency: Currency
        /** Every digit is exact, also beyond 2^53 - 1. */
        debits: number | bigint
        /** Every digit is exact, also beyond 2^53 - 1. */
        credits: number | bigint
      }[]
    }
    csv: true
  }
  /** What the program owes in each currency, by kind of account and by how many days it has lain there. A balance is made of the newest amounts that came into its account (first in, first out); days are of 24 hours since they were recorded. Scope `ledger:read`. From the plan `pro` on. As CSV from the plan `pro` on. */
  'GET /api/v1/liability': {
    takes: [query?: {
      asOf?: string | undefined
      currency?: Currency | undefined
    }]
    gives: {
      asOf: string
      lines: readonly {
        account: string
        currency: Currency
        /** The sum of the ages; equal to the trial balance at the same instant. */
        balance: number | bigint
        /** Every digit is exact, also beyond 2^53 - 1. */
        days0To30: number | bigint
        /** Every digit is exact, also beyond 2^53 - 1. */
        days31To60: number | bigint
        /** Every digit is exact, also beyond 2^53 - 1. */
        days61To90: number | bigint
        /** Every digit is exact, also beyond 2^53 - 1. */
        days91To365: number | bigint
        /** Every digit is exact, also beyond 2^53 - 1. */
        over365: number | bigint
      }[]
      totals: readonly {
        currency: Currency
        /** Pending, available, held and in payout. */
        toUsers: number | bigint
        /** What users owe. */
        fromUsers: number | bigint
        /** Paid out by providers and not settled with them yet. */
        toProviders: number | bigint
        /** `toUsers` less `fromUsers` plus `toProviders`. */
        total: number | bigint
      }[]
    }
    csv: true
  }
  /** Checks all books now; keeps and answers what was found. Scope `ledger:verify`. */
  'POST /api/v1/verifications': {
    takes: [body?: Record<string, never>]
    gives: {
      id: string
      ok: boolean
      status: 'passed' | 'failed' | 'incomplete'
      kind: 'full' | 'incremental'
      startedAt: string
      finishedAt: string
      fromBatch: number
      toBatch: number
      coverage: {
        batches: number
        transfers: number
        entries: number
        accounts: number
        upTo: string
        notCovered: readonly string[]
      }
      chainHead: {
        batch: number
        hash: string
      }
      imbalance: readonly {
        currency: Currency
        /** Every digit is exact, also beyond 2^53 - 1. */
        amount: number | bigint
      }[]
      driftAccounts: number
      checks: readonly {
        name: string
        status: 'passed' | 'failed' | 'not_run'
        checked: number
        broken: number
        detail: string
      }[]
    }
  }
  /** What the last verification of everything found, and what has been verified since. Scope `ledger:read`. */
  'GET /api/v1/verifications/latest': {
    takes: []
    gives: {
      id: string
      ok: boolean
      status: 'passed' | 'failed' | 'incomplete'
      kind: 'full' | 'incremental'
      startedAt: string
      finishedAt: string
      fromBatch: number
      toBatch: number
      coverage: {
        batches: number
        transfers: number
        entries: number
        accounts: number
        upTo: string
        notCovered: readonly string[]
      }
      chainHead: {
        batch: number
        hash: string
      }
      imbalance: readonly {
        currency: Currency
        /** Every digit is exact, also beyond 2^53 - 1. */
        amount: number | bigint
      }[]
      driftAccounts: number
      checks: readonly {
        name: string
        status: 'passed' | 'failed' | 'not_run'
        checked: number
        broken: number
        detail: string
      }[]
      since: {
        status: 'passed' | 'failed' | 'incomplete'
        ranAt: string | null
        upToBatch: number
        /** Batches verified that the last verification of everything had not seen. */
        batches: number
        transfers: number
        /** Batches posted and not yet verified one by one. */
        lagBatches: number
        failures: readonly {
          name: string
          status: 'passed' | 'failed' | 'not_run'
          checked: number
          broken: number
          detail: string
        }[]
      }
    }
  }
  /** Computes balances and positions anew from the transfers, beside those in use, and shows where they differ. Scope `ledger:verify`. */
  'POST /api/v1/rebuilds': {
    takes: [body?: Record<string, never>]
    gives: {
      ok: boolean
      startedAt: string
      finishedAt: string
      computed: {
        balances: number
        rewardPositions: number
        cashoutPositions: number
      }
      differing: number
      differences: readonly {
        projection: 'balances' | 'reward_positions' | 'cashout_positions'
        id: string
        /** What is kept; null where it is missing. */
        was: Readonly<Record<string, string | number | boolean | null>> | null
        /** What the transfers say; null where there should be nothing. */
        computed: Readonly<Record<string, string | number | boolean | null>> | null
      }[]
    }
  }
  /** Signed checkpoints of the books, newest first. Scope `ledger:read`. */
  'GET /api/v1/checkpoints': {
    takes: [query?: {
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
    }]
    gives: {
      items: readonly {
        /** Counts checkpoints, without gaps. */
        sequence: number
        firstBatch: number
        lastBatch: number
        /** The hash chain at the last batch. */
        chainHash: string
        lastTransfer: number
        /** Leaves of the tree. */
        transfers: number
        treeRoot: string
        postedUpTo: string
        signedAt: string
        /** The hash of the checkpoint before; zeros for the first. */
        previous: string
        keyId: string
        /** SHA-256 of `text`. */
        hash: string
        /** Ed25519 over `text`. */
        signature: string
        text: string
      }[]
      nextCursor: string | null
    }
  }
  /** Signs what was posted since the last checkpoint now; answers the newest one, whether or not it is new. Scope `ledger:verify`. */
  'POST /api/v1/checkpoints': {
    takes: [body?: Record<string, never>]
    gives: {
      /** Counts checkpoints, without gaps. */
      sequence: number
      firstBatch: number
      lastBatch: number
      /** The hash chain at the last batch. */
      chainHash: string
      lastTransfer: number
      /** Leaves of the tree. */
      transfers: number
      treeRoot: string
      postedUpTo: string
      signedAt: string
      /** The hash of the checkpoint before; zeros for the first. */
      previous: string
      keyId: string
      /** SHA-256 of `text`. */
      hash: string
      /** Ed25519 over `text`. */
      signature: string
      text: string
    }
  }
  /** The newest signed checkpoint. Scope `ledger:read`. */
  'GET /api/v1/checkpoints/latest': {
    takes: []
    gives: {
      /** Counts checkpoints, without gaps. */
      sequence: number
      firstBatch: number
      lastBatch: number
      /** The hash chain at the last batch. */
      chainHash: string
      lastTransfer: number
      /** Leaves of the tree. */
      transfers: number
      treeRoot: string
      postedUpTo: string
      signedAt: string
      /** The hash of the checkpoint before; zeros for the first. */
      previous: string
      keyId: string
      /** SHA-256 of `text`. */
      hash: string
      /** Ed25519 over `text`. */
      signature: string
      text: string
    }
  }
  /** The public keys that checkpoints and exports are checked with, the one in use first. No token: a public key is for everybody */
  'GET /api/v1/checkpoint-keys': {
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
  /** Proves one transfer: anyone can check it with the public key alone, and learns nothing of others. Scope `ledger:read`. */
  'GET /api/v1/proofs/{transferId}': {
    takes: [transferId: string]
    gives: {
      /** The transfer, as it was hashed: these fields are what is proved. */
      leaf: {
        number: number
        id: string
        causeId: string
        kind: string
        debitAccount: number
        creditAccount: number
        /** Integer minor units, 1 to 2^53 - 1. */
        amount: number
        currency: Currency
        rewardId: string | null
        cashoutId: string | null
        effectiveAt: string
        postedAt: string
        batch: number
      }
      leafHash: string
      leafIndex: number
      treeSize: number
      /** RFC 6962: from the leaf's neighbour to the root's half. */
      path: readonly string[]
      checkpoint: {
        /** Counts checkpoints, without gaps. */
        sequence: number
        firstBatch: number
        lastBatch: number
        /** The hash chain at the last batch. */
        chainHash: string
        lastTransfer: number
        /** Leaves of the tree. */
        transfers: number
        treeRoot: string
        postedUpTo: string
        signedAt: string
        /** The hash of the checkpoint before; zeros for the first. */
        previous: string
        keyId: string
        /** SHA-256 of `text`. */
        hash: string
        /** Ed25519 over `text`. */
        signature: string
        text: string
      }
      /** Of the checkpoint; null where this process does not know it. */
      key: {
        /** The first 16 hex digits of the SHA-256 of its SPKI bytes. */
        keyId: string
        /** Ed25519, SPKI in PEM. */
        publicKey: string
      } | null
    }
  }
  /** All books, signed: everything that is needed to check them without this database. Scope `ledger:export`. */
  'GET /api/v1/export': {
    takes: []
    gives: AsyncIterable<string>
  }
  /** Takes in a provider's settlement lines, as JSON or CSV, and matches them to the cashouts it paid. Scope `settlements:write`. */
  'POST /api/v1/settlements': {
    takes: [body: {
      provider: string
      lines: readonly {
        /** The provider's name for the line; the same again is the same line. */
        lineId: string
        type: 'payout' | 'fee' | 'refund'
        /** The cashout's id, or the provider's own name for the payment. */
        reference: string
        /** Integer minor units, 1 to 2^53 - 1. */
        amount: number
        currency: Currency
        /** What the provider charged for this payment, on top. Not on a line of type `fee`. */
        fee?: number | undefined
        settledAt: string
      }[]
    } | string]
    gives: {
      provider: string
      counts: {
        matched: number
        unmatched: number
        dismissed: number
        conflict: number
      }
      lines: readonly {
        id: string
        lineId: string
        status: 'matched' | 'unmatched' | 'dismissed' | 'conflict'
        /** Why it is unmatched, or in conflict. */
        reason: string | null
        cashoutId: string | null
        /** Known before with this content: nothing was done. */
        repeated: boolean
      }[]
    }
  }
  /** Settlement lines that fit nothing, or nothing yet, oldest first. Scope `settlements:read`. */
  'GET /api/v1/settlements/unmatched': {
    takes: [query?: {
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
      provider?: string | undefined
      reason?: 'unknown_provider' | 'unknown_reference' | 'ambiguous_reference' | 'provider_differs' | 'currency_differs' | 'amount_differs' | 'not_paid_yet' | 'given_back' | 'not_returned_yet' | 'already_settled' | undefined
    }]
    gives: {
      items: readonly {
        id: string
        provider: string
        lineId: string
        type: 'payout' | 'fee' | 'refund'
        reference: string
        /** Integer minor units, 1 to 2^53 - 1. */
        amount: number
        currency: Currency
        fee: number
        settledAt: string
        receivedAt: string
        reason: 'unknown_provider' | 'unknown_reference' | 'ambiguous_reference' | 'provider_differs' | 'currency_differs' | 'amount_differs' | 'not_paid_yet' | 'given_back' | 'not_returned_yet' | 'already_settled'
        /** Whole days since it was received. */
        ageDays: number
      }[]
      nextCursor: string | null
    }
  }
  /** Cashouts that were paid, or came back, and that no settlement line has settled, oldest first. Scope `settlements:read`. */
  'GET /api/v1/settlements/outstanding': {
    takes: [query?: {
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
      provider?: string | undefined
    }]
    gives: {
      items: readonly {
        cashoutId: string
        /** The type of the line that is awaited. */
        type: 'payout' | 'refund'
        provider: string
        userId: string
        /** Integer minor units, 1 to 2^53 - 1. */
        amount: number
        currency: Currency
        /** When it was paid, or came back. */
        since: string
        ageDays: number
      }[]
      nextCursor: string | null
    }
  }
  /** One settlement line, and what became of it. Scope `settlements:read`. */
  'GET /api/v1/settlements/{id}': {
    takes: [id: string]
    gives: {
      /** Also the cause of its transfers. */
      id: string
      provider: string
      lineId: string
      type: 'payout' | 'fee' | 'refund'
      reference: string
      /** Integer minor units, 1 to 2^53 - 1. */
      amount: number
      currency: Currency
      fee: number
      /** The cause of the fee's transfers. */
      feeCauseId: string | null
      settledAt: string
      receivedAt: string
      receivedBy: string
      status: 'matched' | 'unmatched' | 'dismissed'
      /** Why it is unmatched. */
      reason: 'unknown_provider' | 'unknown_reference' | 'ambiguous_reference' | 'provider_differs' | 'currency_differs' | 'amount_differs' | 'not_paid_yet' | 'given_back' | 'not_returned_yet' | 'already_settled' | null
      cashoutId: string | null
      closedAt: string | null
      /** The person who closed it; null where its reference did. */
      closedBy: string | null
      closedWhy: string | null
    }
  }
  /** Matches an unmatched line to a cashout by hand, and posts it. Scope `settlements:write`. */
  'POST /api/v1/settlements/{id}/match': {
    takes: [id: string, body: {
      cashoutId: string
      reason: string
    }]
    gives: {
      /** Also the cause of its transfers. */
      id: string
      provider: string
      lineId: string
      type: 'payout' | 'fee' | 'refund'
      reference: string
      /** Integer minor units, 1 to 2^53 - 1. */
      amount: number
      currency: Currency
      fee: number
      /** The cause of the fee's transfers. */
      feeCauseId: string | null
      settledAt: string
      receivedAt: string
      receivedBy: string
      status: 'matched' | 'unmatched' | 'dismissed'
      /** Why it is unmatched. */
      reason: 'unknown_provider' | 'unknown_reference' | 'ambiguous_reference' | 'provider_differs' | 'currency_differs' | 'amount_differs' | 'not_paid_yet' | 'given_back' | 'not_returned_yet' | 'already_settled' | null
      cashoutId: string | null
      closedAt: string | null
      /** The person who closed it; null where its reference did. */
      closedBy: string | null
      closedWhy: string | null
    }
  }
  /** Closes an unmatched line without posting anything. Scope `settlements:write`. */
  'POST /api/v1/settlements/{id}/dismiss': {
    takes: [id: string, body: {
      reason: string
    }]
    gives: {
      /** Also the cause of its transfers. */
      id: string
      provider: string
      lineId: string
      type: 'payout' | 'fee' | 'refund'
      reference: string
      /** Integer minor units, 1 to 2^53 - 1. */
      amount: number
      currency: Currency
      fee: number
      /** The cause of the fee's transfers. */
      feeCauseId: string | null
      settledAt: string
      receivedAt: string
      receivedBy: string
      status: 'matched' | 'unmatched' | 'dismissed'
      /** Why it is unmatched. */
      reason: 'unknown_provider' | 'unknown_reference' | 'ambiguous_reference' | 'provider_differs' | 'currency_differs' | 'amount_differs' | 'not_paid_yet' | 'given_back' | 'not_returned_yet' | 'already_settled' | null
      cashoutId: string | null
      closedAt: string | null
      /** The person who closed it; null where its reference did. */
      closedBy: string | null
      closedWhy: string | null
    }
  }
  /** Gives a user money, or takes some; above a threshold only with the approval of another person. Scope `adjustments:write`. */
  'POST /api/v1/adjustments': {
    takes: [body: {
      userId: string
      /** Integer minor units, 1 to 2^53 - 1. */
      amount: number
      currency: Currency
      reason: string
      direction?: 'credit' | 'debit' | undefined
    }]
    gives: {
      /** Also the cause of its transfers. */
      id: string
      userId: string
      direction: 'credit' | 'debit'
      /** Integer minor units, 1 to 2^53 - 1. */
      amount: number
      currency: Currency
      reason: string
      status: 'awaiting_approval' | 'posted' | 'refused' | 'rejected'
      /** Why the ledger refused it, such as `insufficient_available`. Final: ask anew. */
      refusal: string | null
      needsApproval: boolean
      requestedBy: string
      requestedAt: string
      history: readonly {
        step: 'requested' | 'approved' | 'rejected' | 'posted' | 'refused'
        /** A person; null for the ledger's own answer. */
        by: string | null
        at: string
        reason: string | null
      }[]
    }
  }
  /** Adjustments, newest first. Scope `adjustments:read`. */
  'GET /api/v1/adjustments': {
    takes: [query?: {
      /** At most this many. */
      limit?: number | undefined
      /** `nextCursor` of the page before, with the same filters. */
      cursor?: string | undefined
      status?: 'awaiting_approval' | 'posted' | 'refused' | 'rejected' | undefined
      userId?: string | undefined
    }]
    gives: {
      items: readonly {
        /** Also the cause of its transfers. */
        id: string
        userId: string
        direction: 'credit' | 'debit'
        /** Integer minor units, 1 to 2^53 - 1. */
        amount: number
        currency: Currency
        reason: string
        status: 'awaiting_approval' | 'posted' | 'refused' | 'rejected'
        /** Why the ledger refused it, such as `insufficient_available`. Final: ask anew. */
        refusal: string | null
        needsApproval: boolean
        requestedBy: string
        requestedAt: string
        history: readonly {
          step: 'requested' | 'approved' | 'rejected' | 'posted' | 'refused'
          /** A person; null for the ledger's own answer. */
          by: string | null
          at: string
          reason: string | null
        }[]
      }[]
      nextCursor: string | null
    }
  }
  /** One adjustment, with who asked for it, who decided, and why. Scope `adjustments:read`. */
  'GET /api/v1/adjustments/{id}': {
    takes: [id: string]
    gives: {
      /** Also the cause of its transfers. */
      id: string
      userId: string
      direction: 'credit' | 'debit'
      /** Integer minor units, 1 to 2^53 - 1. */
      amount: number
      currency: Currency
      reason: string
      status: 'awaiting_approval' | 'posted' | 'refused' | 'rejected'
      /** Why the ledger refused it, such as `insufficient_available`. Final: ask anew. */
      refusal: string | null
      needsApproval: boolean
      requestedBy: string
      requestedAt: string
      history: readonly {
        step: 'requested' | 'approved' | 'rejected' | 'posted' | 'refused'
        /** A person; null for the ledger's own answer. */
        by: string | null
        at: string
        reason: string | null
      }[]
    }
  }
  /** Approves an adjustment that somebody else asked for, and posts it. Scope `adjustments:write`. */
  'POST /api/v1/adjustments/{id}/approve': {
    takes: [id: string, body?: {
      reason?: string | undefined
    }]
    gives: {
      /** Also the cause of its transfers. */
      id: string
      userId: string
      direction: 'credit' | 'debit'
      /** Integer minor units, 1 to 2^53 - 1. */
      amount: number
      currency: Currency
      reason: string
      status: 'awaiting_approval' | 'posted' | 'refused' | 'rejected'
      /** Why the ledger refused it, such as `insufficient_available`. Final: ask anew. */
      refusal: string | null
      needsApproval: boolean
      requestedBy: string
      requestedAt: string
      history: readonly {
        step: 'requested' | 'approved' | 'rejected' | 'posted' | 'refused'
        /** A person; null for the ledger's own answer. */
        by: string | null
        at: string
        reason: string | null
      }[]
    }
  }
  /** Rejects an adjustment that awaits approval. Whoever asked for it may take it back by this. Scope `adjustments:write`. */
  'POST /api/v1/adjustments/{id}/reject': {
    takes: [id: string, body: {
      reason: string
    }]
    gives: {
      /** Also the cause of its transfers. */
      id: string
      userId: string
      direction: 'credit' | 'debit'
      /** Integer minor units, 1 to 2^53 - 1. */
      amount: number
      currency: Currency
      reason: string
      status: 'awaiting_approval' | 'posted' | 'refused' | 'rejected'
      /** Why the ledger refused it, such as `insufficient_available`. Final: ask anew. */
      refusal: string | null
      needsApproval: boolean
      requestedBy: string
      requestedAt: string
      history: readonly {
        step: 'requested' | 'approved' | 'rejected' | 'posted' | 'refused'
        /** A person; null for the ledger's own answer. */
        by: string | null
        at: string
        reason: string | null
      }[]
    }
  }
}

/** What has to be known to call them. */
export const ledgerRoutes: Readonly<Record<keyof LedgerRoutes, RouteTraits>> = {
  'GET /api/v1/users/{id}/balance': { query: true },
  'GET /api/v1/users/{id}/entries': { query: true },
  'GET /api/v1/transfers/{id}': {},
  'GET /api/v1/transfers': { query: true },
  'GET /api/v1/trial-balance': { query: true },
  'GET /api/v1/liability': { query: true },
  'POST /api/v1/verifications': { body: true },
  'GET /api/v1/verifications/latest': {},
  'POST /api/v1/rebuilds': { body: true },
  'GET /api/v1/checkpoints': { query: true },
  'POST /api/v1/checkpoints': { body: true },
  'GET /api/v1/checkpoints/latest': {},
  'GET /api/v1/checkpoint-keys': {},
  'GET /api/v1/proofs/{transferId}': {},
  'GET /api/v1/export': { streams: 'application/x-ndjson' },
  'POST /api/v1/settlements': { body: true, textBody: 'text/csv', keyed: true },
  'GET /api/v1/settlements/unmatched': { query: true },
  'GET /api/v1/settlements/outstanding': { query: true },
  'GET /api/v1/settlements/{id}': {},
  'POST /api/v1/settlements/{id}/match': { body: true, keyed: true },
  'POST /api/v1/settlements/{id}/dismiss': { body: true, keyed: true },
  'POST /api/v1/adjustments': { body: true, keyed: true },
  'GET /api/v1/adjustments': { query: true },
  'GET /api/v1/adjustments/{id}': {},
  'POST /api/v1/adjustments/{id}/approve': { body: true, keyed: true },
  'POST /api/v1/adjustments/{id}/reject': { body: true, keyed: true },
}
