import type { ServiceName } from '@tributary/contracts'
import { type CallerOptions, type CallOptions, makeCall, toCall } from './call.ts'
import { type AdminRoutes, adminRoutes } from './generated/admin.ts'
import { type EveryRoutes, everyRoutes } from './generated/every.ts'
import { type FraudRoutes, fraudRoutes } from './generated/fraud.ts'
import { type IngestRoutes, ingestRoutes } from './generated/ingest.ts'
import { type LedgerRoutes, ledgerRoutes } from './generated/ledger.ts'
import { type PayoutsRoutes, payoutsRoutes } from './generated/payouts.ts'
import { type RewardsRoutes, rewardsRoutes } from './generated/rewards.ts'
import { everyOperation, operations } from './operations.ts'
import type { Retries } from './retry.ts'
import type { RouteTraits, RouteType } from './route.ts'
import type { TokenSource } from './token.ts'
import { webhookMethods } from './webhook-methods.ts'

export type ClientOptions = Readonly<{
  /** Where the services are; only those that are called are needed. */
  urls: Readonly<Partial<Record<ServiceName, string>>>
  tokens: TokenSource
  /** Signs webhooks; needed only to send them. */
  webhookSecret?: string
  /** For each attempt. */
  timeoutMs?: number
  retries?: Retries
}>

/** The API of a running Tributary, typed: a method for each route. Refusals reject with ApiError. */
export function newClient({ urls, tokens, webhookSecret, timeoutMs = 30_000, retries = {} }: ClientOptions): Client {
  const caller: CallerOptions = { tokens, timeoutMs, retries }
  const at = (service: ServiceName): string => {
    const base = urls[service]
    if (base === undefined) throw new Error(`the client was not told where ${service} is`)
    return base
  }
  const every = Object.entries(everyOperation).map(([name, route]) => [
    name,
    async (service: ServiceName, ...given: unknown[]) =>
      makeCall(caller, toCall(at(service), route, everyRoutes[route], given)),
  ])
  const named = serviceOperations.flatMap(([service, routes, names]) =>
    Object.entries(names).map(
      ([name, route]) =>
        [
          name,
          (accept: RouteTraits) =>
            async (...given: unknown[]) =>
              makeCall(caller, toCall(at(service), route, { ...routes[route], ...accept }, given)),
        ] as const,
    ),
  )
  return {
    ...webhookMethods({ caller, at, secret: webhookSecret }),
    ...Object.fromEntries(named.map(([name, method]) => [name, method({})])),
    ...Object.fromEntries(every),
    csv: Object.fromEntries(named.map(([name, method]) => [name, method({ streams: 'text/csv' })])),
  } as unknown as Client
}

type ServiceOperations = readonly [ServiceName, Readonly<Record<string, RouteTraits>>, Readonly<Record<string, string>>]

const serviceOperations: readonly ServiceOperations[] = [
  ['ingest', ingestRoutes, operations.ingest],
  ['rewards', rewardsRoutes, operations.rewards],
  ['ledger', ledgerRoutes, operations.ledger],
  ['payouts', payoutsRoutes, operations.payouts],
  ['fraud', fraudRoutes, operations.fraud],
  ['admin', adminRoutes, operations.admin],
]

type Takes<Route> = Route extends RouteType ? Route['takes'] : never
type Gives<Route> = Route extends RouteType ? Route['gives'] : never

type Methods<Names, Routes> = {
  readonly [Name in keyof Names]: Names[Name] extends keyof Routes
    ? (...given: [...Takes<Routes[Names[Name]]>, options?: CallOptions]) => Promise<Gives<Routes[Names[Name]]>>
    : never
}

type EveryMethods<Names, Routes> = {
  readonly [Name in keyof Names]: Names[Name] extends keyof Routes
    ? (
        service: ServiceName,
        ...given: [...Takes<Routes[Names[Name]]>, options?: CallOptions]
      ) => Promise<Gives<Routes[Names[Name]]>>
    : never
}

/** Those of the methods whose answer is also to be had as CSV: its text, as it comes. */
type CsvMethods<Names, Routes> = {
  readonly [Name in keyof Names as Names[Name] extends keyof Routes
    ? Routes[Names[Name]] extends { csv: true }
      ? Name
      : never
    : never]: Names[Name] extends keyof Routes
    ? (...given: [...Takes<Routes[Names[Name]]>, options?: CallOptions]) => Promise<AsyncIterable<string>>
    : never
}

type Named = typeof operations

export type Client = ReturnType<typeof webhookMethods> &
  Methods<Named['ingest'], IngestRoutes> &
  Methods<Named['rewards'], RewardsRoutes> &
  Methods<Named['ledger'], LedgerRoutes> &
  Methods<Named['payouts'], PayoutsRoutes> &
  Methods<Named['fraud'], FraudRoutes> &
  Methods<Named['admin'], AdminRoutes> &
  EveryMethods<typeof everyOperation, EveryRoutes> & {
    readonly csv: CsvMethods<Named['rewards'], RewardsRoutes> & CsvMethods<Named['ledger'], LedgerRoutes>
  }
