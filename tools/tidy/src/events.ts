import {
  type EventDefinition,
  isOfKind,
  mayPublish,
  type ServiceContract,
  type ServiceName,
  topicMatches,
} from '@tributary/contracts'

/** What of a service's table of contents concerns events. */
export type Speaker = Readonly<{
  name: ServiceName
  consumes: readonly Readonly<{ event: EventDefinition }>[]
  publishes: readonly EventDefinition[]
}>

export type Hop = Readonly<{
  event: EventDefinition
  publishers: readonly ServiceName[]
  hearers: readonly ServiceName[]
}>

/** What every service says, without it standing in its table of contents. */
export const saidByAll = ['*.parked', 'audit.recorded']

/** Who says what to whom, by publisher and type. */
export function eventMap(speakers: readonly Speaker[]): Hop[] {
  const events = new Map<string, EventDefinition>()
  for (const { publishes, consumes } of speakers) {
    for (const event of [...publishes, ...consumes.map((one) => one.event)]) events.set(event.type, event)
  }
  const hops = [...events.values()].map((event) => ({
    event,
    publishers: speakers.filter((one) => one.publishes.some((said) => covers(said, event))).map((one) => one.name),
    hearers: speakers.filter((one) => one.consumes.some((heard) => covers(heard.event, event))).map((one) => one.name),
  }))
  const orderOf = (hop: Hop) => `${speakers.findIndex((one) => one.name === hop.publishers[0])} ${hop.event.type}`
  return hops.sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1))
}

/** Why the services would misunderstand each other: one sentence per fault. */
export function faultsOf(
  speakers: readonly Speaker[],
  contracts: Readonly<Record<ServiceName, ServiceContract>>,
  defined: readonly EventDefinition[],
): string[] {
  const hops = eventMap(speakers)
  const own = hops.filter((hop) => !saidByAll.includes(hop.event.type))
  return [
    ...own
      .filter((hop) => hop.publishers.length === 0)
      .map((hop) => `${hop.hearers.join()} hears ${hop.event.type}, which nobody publishes`),
    ...own
      .filter((hop) => hop.publishers.length > 1)
      .map((hop) => `${hop.publishers.join(' and ')} both publish ${hop.event.type}`),
    ...defined
      .filter((event) => !hops.some((hop) => covers(hop.event, event)) && !saidByAll.includes(event.type))
      .map((event) => `${event.type} is defined, but no service publishes or hears it`),
    ...speakers.flatMap((one) => disagreements(one, contracts[one.name], own)),
  ]
}

/** Where a service's table of contents and its row in libs/contracts/src/services.ts say different things. */
function disagreements(speaker: Speaker, contract: ServiceContract, hops: readonly Hop[]): string[] {
  const { name } = speaker
  const handled = speaker.consumes.map((one) => one.event)
  const bound = (event: EventDefinition) => contract.hears.some((pattern) => topicMatches(pattern, sampleOf(event)))
  return [
    ...speaker.publishes
      .filter((event) => !mayPublish(name, sampleOf(event)))
      .map((event) => `${name} publishes ${event.type}, but its nouns do not allow it`),
    ...handled
      .filter((event) => !bound(event))
      .map((event) => `${name} handles ${event.type}, but its queue is not bound to it`),
    ...contract.hears
      .filter((pattern) => !handled.some((event) => topicMatches(pattern, sampleOf(event))))
      .map((pattern) => `${name} is bound to ${pattern}, but handles nothing of it`),
    ...hops
      .filter((hop) => bound(hop.event) && !hop.hearers.includes(name))
      .map((hop) => `${name} is bound to ${hop.event.type}, but does not handle it`),
  ]
}

const covers = (wider: EventDefinition, event: EventDefinition) =>
  wider.type === event.type || isOfKind(sampleOf(event), wider.type)

/** A routing key as the event travels under it: families get a word in place of their star. */
const sampleOf = (event: EventDefinition) => event.type.replace('*', 'some')

/** docs/events.md. */
export function eventPage(hops: readonly Hop[]): string {
  const rows = hops.map(
    ({ event, publishers, hearers }) =>
      `| \`${event.type}\` | ${event.description} | ${publishers.join(', ') || (saidByAll.includes(event.type) ? 'every service' : 'nobody yet')} | ${hearers.join(', ') || '-'} |`,
  )
  const edges = hops.flatMap(({ event, publishers, hearers }) =>
    publishers.flatMap((from) => hearers.map((to) => ({ from, to, type: event.type }))),
  )
  const arrows = [...Map.groupBy(edges, ({ from, to }) => `${from} -->|"LABEL"| ${to}`)].map(
    ([arrow, along]) => `    ${arrow.replace('LABEL', along.map(({ type }) => type).join('<br>'))}`,
  )
  return `# Events

Made from the services' tables of contents (\`services/*/src/app.ts\`) by \`UPDATE=1 npx vitest run --project pure tools/tidy\`; a test
compares. Every service also says \`<service>.parked\` and \`audit.recorded\`. Outsiders bind their own queues to \`tributary.public\`.

| event | what happened | published by | heard by |
|---|---|---|---|
${rows.join('\n')}

\`\`\`mermaid
flowchart LR
${arrows.join('\n')}
\`\`\`
`
}
