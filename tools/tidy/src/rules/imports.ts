import type { Import, ProjectFile } from '../file.ts'
import { packageOf, placeOf, targetOf } from '../place.ts'
import type { Rule } from '../rule.ts'

/** Left to right: each may import those before it. */
const libraryOrder = ['money', 'contracts', 'observability', 'database', 'messaging', 'service-kit']

/** What stands beside the order: only these may be imported there. */
const besideTheOrder: Readonly<Record<string, readonly string[]>> = {
  client: ['money', 'contracts'],
}

const ownOf = (one: Import): string | null => {
  const name = packageOf(one)
  return name?.startsWith('@tributary/') ? name.slice('@tributary/'.length) : null
}

const importRule = (name: string, why: string, wrong: (file: ProjectFile, one: Import) => boolean): Rule => ({
  name,
  why,
  check: (file) =>
    (file.syntax?.imports ?? [])
      .filter((one) => wrong(file, one))
      .map((one) => ({ at: one.at, what: `imports ${one.from}` })),
})

const libraries = importRule(
  'library-order',
  `a library imports only those to its left (${libraryOrder.join(' <- ')}), so that each can be understood and changed without those to its right`,
  (file, one) => {
    const place = placeOf(file.path)
    const own = ownOf(one)
    if (place.kind !== 'library' || place.isTest || own === null || own === place.name) return false
    const allowed = besideTheOrder[place.name] ?? libraryOrder.slice(0, Math.max(libraryOrder.indexOf(place.name), 0))
    return !allowed.includes(own)
  },
)

const services = importRule(
  'services-apart',
  'a service imports libraries and hears of the others by events: otherwise two services can only be released, scaled and broken together',
  (file, one) => {
    const place = placeOf(file.path)
    if (place.kind !== 'service' || place.isTest) return false
    const own = ownOf(one)
    return own !== null && !libraryOrder.includes(own) && own !== 'client'
  },
)

const folders = importRule(
  'through-the-front-door',
  'another package is imported by its name, which leads to its index.ts; what that does not export is its own affair',
  (file, one) => {
    const target = targetOf(file, one)
    const { folder, kind } = placeOf(file.path)
    if (one.from.startsWith('@tributary/') && one.from.split('/').length > 2) return true
    return target !== null && kind !== 'root' && !target.startsWith(`${folder}/`)
  },
)

const testing = importRule(
  'testing-for-tests',
  'what is written for tests is not in the image, so a service that imports it would not start',
  (file, one) => {
    const isForTests = ownOf(one) === 'testing' || ['vitest', 'fast-check'].includes(packageOf(one) ?? '')
    return isForTests && !placeOf(file.path).isTest && !file.path.endsWith('vitest.config.ts')
  },
)

const domain = importRule(
  'domain-decides',
  'domain/ decides and does no I/O, so its tests need nothing but values; it imports only itself and @tributary/money',
  (file, one) => {
    const place = placeOf(file.path)
    if (place.layer !== 'domain' || place.isTest) return false
    const target = targetOf(file, one)
    return target === null ? one.from !== '@tributary/money' : !target.startsWith(`${place.folder}/src/domain/`)
  },
)

const proof = importRule(
  'proof-stands-alone',
  'proof/ lets somebody check the books who trusts neither the database nor what posts; it imports only itself and node:crypto',
  (file, one) => {
    const place = placeOf(file.path)
    if (place.kind !== 'service' || place.layer !== 'proof' || place.isTest) return false
    const target = targetOf(file, one)
    return target === null ? one.from !== 'node:crypto' : !target.startsWith(`${place.folder}/src/proof/`)
  },
)

const streamTypes = ['RelayStream', 'Cursor']

const store = importRule(
  'store-stores',
  'store/ is SQL: it reads and writes what it is told, so that whether and what to tell the world stays in one place, the way in',
  (file, one) => {
    const place = placeOf(file.path)
    if (place.kind !== 'service' || place.layer !== 'store' || place.isTest) return false
    if (leadsTo(file, one, ['http', 'messages', 'jobs', 'providers'])) return true
    if (one.from === '@tributary/messaging') return one.names.some((name) => !streamTypes.includes(name))
    return one.from === '@tributary/service-kit'
  },
)

const waysIn = importRule(
  'ways-in-apart',
  'http/, messages/ and jobs/ each load, decide and save by themselves; what they share belongs into domain/ or store/',
  (file, one) => {
    const place = placeOf(file.path)
    const all = ['http', 'messages', 'jobs']
    if (place.kind !== 'service' || place.isTest || !all.includes(place.layer)) return false
    return leadsTo(
      file,
      one,
      all.filter((way) => way !== place.layer),
    )
  },
)

const providers = importRule(
  'no-call-from-a-message',
  'a message is handled inside a transaction, and a remote call there would hold its locks for as long as someone else pleases',
  (file, one) => {
    const place = placeOf(file.path)
    return place.layer === 'messages' && !place.isTest && leadsTo(file, one, ['providers'])
  },
)

function leadsTo(file: ProjectFile, one: Import, layers: readonly string[]): boolean {
  const target = targetOf(file, one)
  return target !== null && layers.some((layer) => target.startsWith(`${placeOf(file.path).folder}/src/${layer}/`))
}

/** Packages that one place keeps to itself. Tests may play an outsider with any of them. */
const keepers: readonly (readonly [packages: readonly string[], keepers: readonly string[], why: string])[] = [
  [
    ['amqplib'],
    ['libs/messaging/src/broker.ts'],
    'confirms, reconnects and channel generations are easy to get wrong, so they are done once',
  ],
  [
    ['pg', 'knex'],
    ['libs/database/', 'tools/servers/'],
    'bigint parsing, timeouts and pools are set in one place, or money is rounded where they are not',
  ],
  [
    ['opossum'],
    ['libs/service-kit/src/outbound.ts'],
    'every call to the outside has the same timeout, circuit breaker and metrics',
  ],
  [['testcontainers'], ['libs/testing/'], 'only tests start containers'],
  [['oxc-parser'], ['tools/tidy/'], 'only tidy reads source code'],
]

const kept = keepers.map(([packages, places, why]) =>
  importRule(`only-one-imports-${packages[0]}`, `${places.join(' and ')} alone may: ${why}`, (file, one) => {
    const name = packageOf(one)
    return (
      name !== null &&
      packages.includes(name) &&
      !placeOf(file.path).isTest &&
      !places.some((place) => file.path.startsWith(place))
    )
  }),
)

/** Who may import what. */
export const importRules: readonly Rule[] = [
  libraries,
  services,
  folders,
  testing,
  domain,
  proof,
  store,
  waysIn,
  providers,
  ...kept,
]
