import { serviceNames } from '@tributary/contracts'
import { deadLetterRoutes, openApi } from '@tributary/service-kit'
import {
  type Content,
  type Document,
  describeServices,
  type Operation,
  operationsOf,
  type Schema,
} from './documents.ts'
import { printType } from './print-type.ts'

/** The files of libs/client that follow from the routes: one for each service, one for the routes that every service has. */
export const clientRoutes: Readonly<Record<string, () => string>> = Object.fromEntries([
  ...serviceNames.map((name) => [fileOf(name), () => print(name, ownDocument(name))]),
  [fileOf('every'), () => print('every', everyDocument())],
])

function fileOf(name: string): string {
  return `libs/client/src/generated/${name}.ts`
}

let described: ReturnType<typeof describeServices> | null = null

/** Without what every service has. */
function ownDocument(name: string): Document {
  described ??= describeServices()
  const { document } = described.find((service) => service.name === name)!
  const paths = Object.entries(document.paths).filter(([path]) => !(path in everyDocument().paths))
  return { ...document, paths: Object.fromEntries(paths) }
}

function everyDocument(): Document {
  return openApi('every', deadLetterRoutes('ingest')) as unknown as Document
}

function print(name: string, document: Document): string {
  const operations = operationsOf(document)
  const types = operations.map(([route, operation]) => printRoute(route, operation)).join('')
  const traits = operations.map(([route, operation]) => `  '${route}': ${printTraits(operation)},\n`).join('')
  const title = name === 'every' ? 'every service has' : `only ${name} has`
  const routesType = `${name[0]!.toUpperCase()}${name.slice(1)}Routes`
  const currency = types.includes('Currency') ? "import type { Currency } from '../currency.ts'\n" : ''
  return `// Made from the routes by \`npm run generate -w tools/docs\`.
${currency}import type { RouteTraits } from '../route.ts'

/** The routes that ${title}: what each takes, in this order, and what it gives. */
export type ${routesType} = {
${types}}

/** What has to be known to call them. */
export const ${name}Routes: Readonly<Record<keyof ${routesType}, RouteTraits>> = {
${traits}}
`
}

function printRoute(route: string, operation: Operation): string {
  const csv = givesJson(operation) && 'text/csv' in goodContent(operation) ? '    csv: true\n' : ''
  const description = operation.description.replaceAll('*/', '* /')
  return `  /** ${operation.summary.replace(/\.?$/, '.')} ${description} */
  '${route}': {
    takes: [${taken(operation).join(', ')}]
    gives: ${given(operation)}
${csv}  }
`
}

function taken(operation: Operation): string[] {
  const path = operation.parameters
    .filter((one) => one.in === 'path')
    .map(({ name, schema }) => `${name}: ${printType(schema, 'input')}`)
  const query = operation.parameters.filter((one) => one.in === 'query')
  const taken = [...path]
  const { requestBody } = operation
  if (requestBody !== undefined) {
    const mustQuery = query.some(({ required }) => required)
    taken.push(`body${requestBody.required || mustQuery ? '' : '?'}: ${printBody(requestBody.content)}`)
  }
  if (query.length > 0) {
    const isNeeded = query.some(({ required }) => required)
    taken.push(`query${isNeeded ? '' : '?'}: ${printType(asObject(query), 'input', '    ')}`)
  }
  return taken
}

function asObject(parameters: Operation['parameters']): Schema {
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
  }
}

function printBody(content: Content): string {
  const types = Object.entries(content).map(([type, { schema }]) =>
    type === 'application/json' ? printType(schema, 'input', '    ') : 'string',
  )
  return [...new Set(types)].join(' | ')
}

/** The type of the good answers; a stream of text where they are no JSON, and null where there is no body. */
function given(operation: Operation): string {
  if (!givesJson(operation) && Object.keys(goodContent(operation)).length > 0) return 'AsyncIterable<string>'
  const types = goodOf(operation).map(([, { content = {} }]) => {
    const json = content['application/json']
    return json === undefined ? 'null' : printType(json.schema, 'answer', '    ')
  })
  return [...new Set(types)].join(' | ')
}

const goodOf = ({ responses }: Operation) => Object.entries(responses).filter(([status]) => status.startsWith('2'))

const goodContent = (operation: Operation): Content =>
  Object.assign({}, ...goodOf(operation).map(([, { content = {} }]) => content))

const givesJson = (operation: Operation): boolean => 'application/json' in goodContent(operation)

function printTraits(operation: Operation): string {
  const { parameters, requestBody } = operation
  const text = Object.keys(requestBody?.content ?? {}).find((type) => type !== 'application/json')
  const streams = Object.keys(goodContent(operation)).find((type) => type !== 'application/json')
  const traits = [
    ...(requestBody === undefined ? [] : ['body: true']),
    ...(text === undefined ? [] : [`textBody: '${text}'`]),
    ...(parameters.some((one) => one.in === 'query') ? ['query: true'] : []),
    ...(parameters.some(({ name }) => name === 'Idempotency-Key') ? ['keyed: true'] : []),
    ...(streams !== undefined && !givesJson(operation) ? [`streams: '${streams}'`] : []),
  ]
  return traits.length === 0 ? '{}' : `{ ${traits.join(', ')} }`
}
