import type { Database } from '@tributary/database'
import { type BoundedGauge, type Metrics, newGauge } from '@tributary/observability'
import type { AccountKind } from './domain/chart.ts'
import { type BooksCondition, findCondition, latestStanding } from './store/condition.ts'
import { BATCHES_MAX } from './store/verify-new-entries.ts'

export type VerificationMetrics = Readonly<{
  instrument(metrics: Metrics): void
  /** Shows what the verifications have written down, so that every process shows the same. */
  measure(db: Database): Promise<void>
}>

/** What the program owes and to whom, and what users owe it; `owed` is a claim, and counts against the rest. */
const liabilities: readonly AccountKind[] = [
  'user:pending',
  'user:available',
  'user:held',
  'user:in_payout',
  'user:owed',
  'provider:clearing',
]

type Gauge = BoundedGauge<Record<never, never>>
type Instruments = Readonly<{
  imbalance: BoundedGauge<{ currency: string[] }>
  liability: BoundedGauge<{ currency: string[]; kind: readonly string[] }>
  drift: Gauge
  lastVerified: Gauge
  newEntriesVerified: Gauge
  lag: Gauge
  failedChecks: Gauge
  overdue: Gauge
}>

/** Whether the books are sound, for whoever watches; silent until a service is started with it. */
export function newVerificationMetrics(): VerificationMetrics {
  let own: Instruments | null = null
  return {
    instrument(metrics) {
      own = newInstruments(metrics)
    },
    async measure(db) {
      if (own !== null) show(own, await findCondition(db))
    },
  }
}

function show(own: Instruments, { full, progress, headBatch }: BooksCondition): void {
  const { kinds, report, ranAt, verified } = progress
  const fails = progress.status !== 'passed'
  const isNews = fails && ranAt !== null && (full === null || ranAt > full.finishedAt)
  const found = [full?.report, isNews ? report : null].flatMap((one) => (one ? [one] : []))
  const imbalances = found.flatMap(({ imbalance }) => imbalance)
  const currencies = [...new Set([...imbalances, ...kinds].map(({ currency }) => currency))]
  own.imbalance.allow({ currency: currencies })
  for (const currency of currencies) {
    const mine = imbalances.filter((one) => one.currency === currency)
    own.imbalance.set(
      { currency },
      mine.reduce((sum, { amount }) => sum + Number(amount), 0),
    )
  }
  own.liability.allow({ currency: currencies })
  const lag = Number(headBatch - verified.place.batch)
  // While a backlog is worked off, the sums are only a part; what was shown last stays.
  for (const { account: kind, currency, balance } of lag <= BATCHES_MAX || fails ? kinds : []) {
    if (liabilities.some((one) => one === kind)) own.liability.set({ currency, kind }, Number(balance))
  }
  own.drift.set(
    {},
    found.reduce((sum, { driftAccounts }) => sum + driftAccounts, 0),
  )
  if (full?.report.status === 'passed') own.lastVerified.set({}, full.finishedAt.getTime() / 1_000)
  if (!fails && ranAt !== null) own.newEntriesVerified.set({}, ranAt.getTime() / 1_000)
  own.lag.set({}, lag)
  const standing = latestStanding({ full, progress })
  const others = (full?.report.checks ?? []).filter(({ name }) => !standing.some((one) => one.name === name))
  const results = [...others, ...standing, ...(fails ? (report?.checks ?? []) : [])]
  own.failedChecks.set({}, results.filter(({ status }) => status !== 'passed').length)
  own.overdue.set({}, standing.find(({ name }) => name === 'money_on_its_way_arrives_in_time')?.broken ?? 0)
}

function newInstruments({ registry }: Metrics): Instruments {
  const plain = (name: string, help: string): Gauge => newGauge(registry, { name, help, labels: {} })
  return {
    imbalance: newGauge(registry, {
      name: 'ledger_imbalance_minor_units',
      help: 'Debits less credits over all entries, as last verified; anything but 0 is an alarm.',
      labels: { currency: [] as string[] },
    }),
    liability: newGauge(registry, {
      name: 'ledger_liability_minor_units',
      help: 'What is owed to users and providers, by kind of account, as of the last batch verified; `user:owed` is what users owe.',
      labels: { currency: [] as string[], kind: liabilities },
    }),
    drift: plain(
      'ledger_balance_drift_accounts',
      'Accounts whose balance is not the sum of their entries, as last verified; anything but 0 is an alarm.',
    ),
    lastVerified: plain(
      'ledger_last_verified_timestamp_seconds',
      'When everything was last verified and found sound; 0 for never.',
    ),
    newEntriesVerified: plain(
      'ledger_new_entries_verified_timestamp_seconds',
      'When what is new was last verified and found sound; 0 for never.',
    ),
    lag: plain('ledger_verification_lag_batches', 'Batches posted and not yet verified.'),
    failedChecks: plain(
      'ledger_failed_checks',
      'Checks that failed or could not be finished when they were last run; anything but 0 is an alarm.',
    ),
    overdue: plain(
      'ledger_clearing_overdue',
      'Cashouts and provider accounts whose money has been on its way for longer than LEDGER_CLEARING_MAX_AGE_DAYS.',
    ),
  }
}
