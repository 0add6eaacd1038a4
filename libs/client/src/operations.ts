import type { AdminRoutes } from './generated/admin.ts'
import type { EveryRoutes } from './generated/every.ts'
import type { FraudRoutes } from './generated/fraud.ts'
import type { IngestRoutes } from './generated/ingest.ts'
import type { LedgerRoutes } from './generated/ledger.ts'
import type { PayoutsRoutes } from './generated/payouts.ts'
import type { RewardsRoutes } from './generated/rewards.ts'

type Names<Routes> = Readonly<Record<string, keyof Routes>>

/** What each route is called here. A route without a name, here or in `ownWays`, fails a test. */
export const operations = {
  ingest: {
    getEvent: 'GET /api/v1/webhooks/events/{eventId}',
    getReceipt: 'GET /api/v1/webhooks/events/{eventId}/receipt',
    listReceiptKeys: 'GET /api/v1/webhooks/receipt-keys',
    exportEvents: 'GET /api/v1/webhooks/events/export',
    getDigest: 'GET /api/v1/webhooks/digest',
    replayEvent: 'POST /api/v1/webhooks/events/{eventId}/replay',
    createReplay: 'POST /api/v1/webhooks/replays',
    listReplays: 'GET /api/v1/webhooks/replays',
    getReplay: 'GET /api/v1/webhooks/replays/{replayId}',
    cancelReplay: 'POST /api/v1/webhooks/replays/{replayId}/cancel',
    listRejections: 'GET /api/v1/webhooks/rejections',
    getSystemConfig: 'GET /api/v1/system-config',
    changeSystemConfig: 'PATCH /api/v1/system-config',
    listAdapters: 'GET /api/v1/system-config/adapters',
    setAdapter: 'PUT /api/v1/system-config/adapters/{name}',
    resealSecrets: 'POST /api/v1/system-config/reseal',
    rotateWebhookSecret: 'POST /api/v1/system-config/webhook-secret/rotate',
    getUsage: 'GET /api/v1/usage',
  } satisfies Names<IngestRoutes>,
  rewards: {
    createUser: 'POST /api/v1/users',
    findUsers: 'GET /api/v1/users',
    getUser: 'GET /api/v1/users/{id}',
    erasePersonalData: 'DELETE /api/v1/users/{id}/personal-data',
    createReferralCode: 'POST /api/v1/users/{id}/referral-codes',
    listReferralCodes: 'GET /api/v1/users/{id}/referral-codes',
    getReferralCode: 'GET /api/v1/referral-codes/{code}',
    createReferral: 'POST /api/v1/referrals',
    listReferrals: 'GET /api/v1/referrals',
    getReferral: 'GET /api/v1/referrals/{id}',
    rejectReferral: 'POST /api/v1/referrals/{id}/reject',
    createRule: 'POST /api/v1/reward-rules',
    listRules: 'GET /api/v1/reward-rules',
    getRule: 'GET /api/v1/reward-rules/{id}',
    createRuleVersion: 'POST /api/v1/reward-rules/{id}/versions',
    activateRule: 'POST /api/v1/reward-rules/{id}/activate',
    retireRule: 'POST /api/v1/reward-rules/{id}/retire',
    simulateRules: 'POST /api/v1/reward-rules/simulate',
    backtestRules: 'POST /api/v1/reward-rules/backtest',
    getAttributionSettings: 'GET /api/v1/attribution-settings',
    putAttributionSettings: 'PUT /api/v1/attribution-settings',
    listRewards: 'GET /api/v1/rewards',
    getReward: 'GET /api/v1/rewards/{id}',
    reverseReward: 'POST /api/v1/rewards/{id}/reverse',
    holdReward: 'POST /api/v1/rewards/{id}/hold',
    resumeReward: 'POST /api/v1/rewards/{id}/resume',
    listDecisions: 'GET /api/v1/decisions',
    getFunnel: 'GET /api/v1/rewards-reports/funnel',
    getCohorts: 'GET /api/v1/rewards-reports/cohorts',
    getTopReferrers: 'GET /api/v1/rewards-reports/top-referrers',
    getRuleCosts: 'GET /api/v1/rewards-reports/rule-costs',
    importPeople: 'POST /api/v1/imports',
    exportPeople: 'GET /api/v1/exports/{kind}',
  } satisfies Names<RewardsRoutes>,
  ledger: {
    getBalance: 'GET /api/v1/users/{id}/balance',
    listEntries: 'GET /api/v1/users/{id}/entries',
    getTransfer: 'GET /api/v1/transfers/{id}',
    listTransfers: 'GET /api/v1/transfers',
    getTrialBalance: 'GET /api/v1/trial-balance',
    getLiability: 'GET /api/v1/liability',
    verifyBooks: 'POST /api/v1/verifications',
    getLatestVerification: 'GET /api/v1/verifications/latest',
    rebuildBalances: 'POST /api/v1/rebuilds',
    listCheckpoints: 'GET /api/v1/checkpoints',
    createCheckpoint: 'POST /api/v1/checkpoints',
    getLatestCheckpoint: 'GET /api/v1/checkpoints/latest',
    listCheckpointKeys: 'GET /api/v1/checkpoint-keys',
    getProof: 'GET /api/v1/proofs/{transferId}',
    exportBooks: 'GET /api/v1/export',
    createSettlements: 'POST /api/v1/settlements',
    getSettlement: 'GET /api/v1/settlements/{id}',
    listUnmatchedSettlements: 'GET /api/v1/settlements/unmatched',
    listOutstandingSettlements: 'GET /api/v1/settlements/outstanding',
    matchSettlement: 'POST /api/v1/settlements/{id}/match',
    dismissSettlement: 'POST /api/v1/settlements/{id}/dismiss',
    createAdjustment: 'POST /api/v1/adjustments',
    listAdjustments: 'GET /api/v1/adjustments',
    getAdjustment: 'GET /api/v1/adjustments/{id}',
    approveAdjustment: 'POST /api/v1/adjustments/{id}/approve',
    rejectAdjustment: 'POST /api/v1/adjustments/{id}/reject',
  } satisfies Names<LedgerRoutes>,
  payouts: {} satisfies Names<PayoutsRoutes>,
  fraud: {
    listScreenings: 'GET /api/v1/screenings',
    getScreening: 'GET /api/v1/screenings/{id}',
  } satisfies Names<FraudRoutes>,
  admin: {
    getJwks: 'GET /.well-known/jwks.json',
  } satisfies Names<AdminRoutes>,
} as const

/** Every service has these; the methods take the service first. */
export const everyOperation = {
  listDeadLetters: 'GET /api/v1/dead-letters',
  getDeadLetter: 'GET /api/v1/dead-letters/{id}',
  replayDeadLetter: 'POST /api/v1/dead-letters/{id}/replay',
  discardDeadLetter: 'POST /api/v1/dead-letters/{id}/discard',
} as const satisfies Names<EveryRoutes>

/** Routes that are not called like the others, and what is used instead. */
export const ownWays = {
  'POST /api/v1/webhooks/events': 'sendWebhook',
  'GET /api/v1/webhooks/events': 'listEvents, findEvent',
  'POST /api/v1/webhooks/verify': 'verifyWebhook',
  'POST /api/v1/webhooks/stripe': 'Stripe sends these',
  'POST /api/v1/webhooks/shopify': 'Shopify sends these',
  'POST /api/v1/webhooks/github-style': 'senders send these that sign as GitHub does; sendWebhook signs better',
  'POST /oauth/token': 'clientCredentials',
} as const satisfies Partial<Record<keyof (IngestRoutes & AdminRoutes), string>>
