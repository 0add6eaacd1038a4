import { type ServiceName, serviceNames } from '@tributary/contracts'
import { isRunning, type ProcessIdentity, readJson, writeJson } from '@tributary/servers'
import { places } from '../places.ts'

export type PostgresSource = 'embedded' | 'external'
export type RabbitSource = 'binary' | 'external' | 'docker'

export interface ChildReport {
  /** Absent while it waits for its next start. */
  readonly process?: ProcessIdentity
  /** How often it came back after ending by itself. */
  readonly restarts: number
  readonly lastExit?: { readonly at: string; readonly reason: string }
  readonly nextStartAt?: string
}

export interface ServiceState extends ChildReport {
  readonly url: string
  readonly metricsUrl: string
}

/** Written by the supervisor at each change; read by every other command. */
export interface StackState {
  readonly supervisor: ProcessIdentity
  readonly startedAt: string
  readonly phase: 'starting' | 'ready' | 'stopping' | 'stopped'
  readonly portBase: number
  readonly services: Readonly<Partial<Record<ServiceName, ServiceState>>>
  readonly postgres?: {
    readonly url: string
    readonly source: PostgresSource
    readonly processes: readonly ProcessIdentity[]
  }
  readonly rabbitmq?: {
    readonly url: string
    /** Null: there is none, so all services share one user. */
    readonly managementUrl: string | null
    readonly source: RabbitSource
    readonly processes: readonly ProcessIdentity[]
    readonly container?: string
    /** The virtual host we made on a broker that is not ours. */
    readonly ownVhost?: string
  }
}

export function readState(): StackState | undefined {
  return readJson<StackState>(places.state)
}

export function writeState(state: StackState): void {
  writeJson(places.state, state)
}

/** The state of a stack whose supervisor runs right now. */
export function runningState(): StackState | undefined {
  const state = readState()
  return state !== undefined && state.phase !== 'stopped' && isRunning(state.supervisor) ? state : undefined
}

/** Port offsets from the base, fixed by the documentation: admin 0, then the services in the order of an event's way. */
const offsets: Readonly<Record<ServiceName, number>> = {
  admin: 0,
  ingest: 1,
  rewards: 2,
  ledger: 3,
  payouts: 4,
  fraud: 5,
}
const metricsOffset = 100

export const defaultPortBase = 4000

export function servicePort(portBase: number, service: ServiceName): number {
  return portBase + offsets[service]
}

export function metricsPort(portBase: number, service: ServiceName): number {
  return servicePort(portBase, service) + metricsOffset
}

export function serviceUrl(portBase: number, service: ServiceName): string {
  return `http://127.0.0.1:${servicePort(portBase, service)}`
}

export function metricsUrl(portBase: number, service: ServiceName): string {
  return `http://127.0.0.1:${metricsPort(portBase, service)}/metrics`
}

/** Every port a stack on this base listens on for people and other programs. */
export function allPorts(portBase: number): number[] {
  return serviceNames.flatMap((name) => [servicePort(portBase, name), metricsPort(portBase, name)])
}

/** What a person chose, kept from one `up` to the next. */
export interface Choices {
  readonly portBase?: number
}

export function readChoices(): Choices {
  return readJson<Choices>(places.choices) ?? {}
}
