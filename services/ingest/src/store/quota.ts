import type { Database } from '@tributary/database'
import { monthOf } from '../domain/quota.ts'
import { giveBackLeases, LEASE_SECONDS, type Lease, type LeaseRequest, leaseQuota } from './quota-leases.ts'
import { within } from './within.ts'

/** What became of an event that was admitted: stored; not stored, as a duplicate; or nobody knows. */
export type Ending = 'stored' | 'unused' | 'unknown'

/** Whether an event may be published at once. Who was admitted says how it ended. */
export type Ticket = Readonly<{ isAdmitted: boolean; end(ending: Ending): void }>

export type Quota = Readonly<{
  /** For an event received at that time. Nearly always answered from memory. */
  admit(db: Database, receivedAt: Date): Promise<Ticket>
  /** Lets others have what is left. */
  giveBack(): Promise<void>
}>

/** Half of a lease is for what is on its way to the database: it is committed or given up long before the lease ends. */
const USABLE_MS = (LEASE_SECONDS * 1_000) / 2
/** A larger plan counts after this, and a smaller one where there was no limit before. */
const ASK_AGAIN_MS = 1_000
/** Without an answer, what was known counts this much longer. */
const PATIENCE_MS = 4_000

const unlimited: Ticket = { isAdmitted: true, end: () => {} }
const refused: Ticket = { isAdmitted: false, end: () => {} }

type Held = {
  readonly month: string
  readonly lease: Lease
  /** What may still be admitted. */
  units: number
  readonly askedAtMs: number
}

type Ask = (db: Database, request: LeaseRequest) => Promise<Lease>

/** Spends the month's quota from memory, by leases that it asks for ahead of time; one asking at a time. */
export function newQuota(process: string, ask: Ask = leaseQuota): Quota {
  const spender = new Spender(process, ask)
  return { admit: (db, receivedAt) => spender.admit(db, monthOf(receivedAt)), giveBack: () => spender.giveBack() }
}

class Spender {
  readonly #process: string
  readonly #ask: Ask
  #from: Database | null = null
  #held: Held | null = null
  #asking: Promise<void> | null = null
  #inFlight = 0
  #waiting = 0
  /** Until when events count as in flight of which nobody knows whether they were stored. */
  #unknown: number[] = []

  constructor(process: string, ask: Ask) {
    this.#process = process
    this.#ask = ask
  }

  async admit(db: Database, month: string): Promise<Ticket> {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      const held = this.#held
      const state = held !== null && held.month === month ? stateOf(held, performance.now()) : 'none'
      if (held !== null && state !== 'none') {
        // Ahead of time; whoever needs it waits for it, and hears of its failure.
        if (state === 'soon') void this.#renew(db, month).catch(() => {})
        return this.#spend(held)
      }
      this.#waiting++
      await this.#renew(db, month).finally(() => {
        this.#waiting--
      })
    }
    return refused
  }

  async giveBack(): Promise<void> {
    await this.#asking?.catch(() => {})
    this.#held = null
    if (this.#from !== null) await giveBackLeases(this.#from, this.#process)
  }

  #renew(db: Database, month: string): Promise<void> {
    this.#asking ??= this.#askFor(db, month).finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  async #askFor(db: Database, month: string): Promise<void> {
    this.#from = db
    const askedAtMs = performance.now()
    this.#unknown = this.#unknown.filter((until) => until > askedAtMs)
    const kept = this.#held
    const isKept = kept !== null && kept.month === month && isUsable(kept, askedAtMs)
    const outstanding = (isKept ? kept.units : 0) + this.#inFlight + this.#unknown.length
    // What is granted after all blocks others for a minute, and is nobody's.
    const request = { process: this.#process, month, wanted: this.#waiting, outstanding }
    const lease = await within(PATIENCE_MS, this.#ask(db, request))
    const granted = lease.kind === 'leased' ? lease.granted : 0
    // Of what was kept, some was spent while we asked.
    this.#held = { month, lease, units: (isKept ? kept.units : 0) + granted, askedAtMs }
  }

  #spend(held: Held): Ticket {
    if (held.lease.kind === 'unlimited') return unlimited
    if (held.units === 0) return refused
    held.units--
    this.#inFlight++
    return { isAdmitted: true, end: (ending) => this.#end(held.month, ending) }
  }

  #end(month: string, ending: Ending): void {
    this.#inFlight--
    if (ending === 'unknown') this.#unknown.push(performance.now() + USABLE_MS)
    // Whatever was asked for meanwhile counted it as in flight, so it is still ours.
    if (ending === 'unused' && this.#held?.month === month) this.#held.units++
  }
}

/** Others may have spent what was asked for before we get to it; then it is asked for again, for all who wait. */
const TURNS_MAX = 10

function isUsable({ askedAtMs }: Held, nowMs: number): boolean {
  return nowMs - askedAtMs < USABLE_MS
}

/** `soon`: it may be spent, and more should be asked for. `none`: nothing may be done with it. */
function stateOf(held: Held, nowMs: number): 'good' | 'soon' | 'none' {
  const ageMs = nowMs - held.askedAtMs
  const isOld = ageMs >= ASK_AGAIN_MS
  if (held.lease.kind === 'unlimited') {
    if (ageMs >= ASK_AGAIN_MS + PATIENCE_MS) return 'none'
    return isOld ? 'soon' : 'good'
  }
  if (!isUsable(held, nowMs)) return 'none'
  const { granted, size } = held.lease
  // Nothing was left of the month: ask again a little later.
  if (held.units === 0) return granted === 0 && !isOld ? 'good' : 'none'
  return held.units <= size / 4 && (granted > 0 || isOld) ? 'soon' : 'good'
}
