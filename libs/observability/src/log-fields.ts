/**
 * What may stand in a log line. A field passes if its name is known to be harmless and its value is plain; everything
 * else is left out and named in `dropped`. So a secret is not logged by forgetting to hide it.
 */
const harmlessNames = new Set(
  `event service reason outcome result status state code method route type kind queue table job step action source
   name version count size total port host pid attempt attempts role scope scopes currency plan mode signal dropped
   err error cause principal topic exchange stream batch duplicate outcomes missing errors sequence lastBatch chainHash
   checkpointHash`.split(/\s+/),
)
const harmlessEnding =
  /(?:Id|Ids|Ms|Seconds|Bytes|Count|Max|Min|At|Size|Code|Status|State|Kind|Type|Name|Attempt|Version)$/
const secretName =
  /secret|token|password|passwd|authori[sz]ation|cookie|signature|credential|apikey|privatekey|header|body|payload/i

const TEXT_MAX = 500
const LIST_MAX = 20
const STACK_LINES_MAX = 12

/** The fields that may be logged, flat, with their values scrubbed. */
export function loggable(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  const dropped: string[] = []
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue
    if (value instanceof Error) kept.err = describeError(value)
    else if (isHarmless(name) && isPlain(value)) kept[name] = plain(value)
    else dropped.push(name.slice(0, 64))
  }
  if (dropped.length > 0) kept.dropped = dropped.slice(0, LIST_MAX)
  return kept
}

/** Names are few and come again with every line; a bound, since a name could be somebody's value. */
const verdicts = new Map<string, boolean>()
const VERDICTS_MAX = 1_000

function isHarmless(name: string): boolean {
  const known = verdicts.get(name)
  if (known !== undefined) return known
  const verdict = !secretName.test(name) && (harmlessNames.has(name) || name === 'id' || harmlessEnding.test(name))
  if (verdicts.size < VERDICTS_MAX) verdicts.set(name, verdict)
  return verdict
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((one) => typeof one !== 'object' || one === null)
  return value === null || value instanceof Date || typeof value !== 'object'
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, LIST_MAX).map(plain)
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'bigint') return value.toString()
  return typeof value === 'string' ? scrub(value) : value
}

/** An error without what it may carry along: values of rows, bound values, requests. */
export function describeError(error: Error, depth = 0): Record<string, unknown> {
  const { code, constraint, table } = error as { code?: unknown; constraint?: unknown; table?: unknown }
  return {
    type: error.name,
    message: scrub(messageOf(error)),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof constraint === 'string' ? { constraint } : {}),
    ...(typeof table === 'string' ? { table } : {}),
    stack: frames(error),
    ...(error.cause instanceof Error && depth < 3 ? { cause: describeError(error.cause, depth + 1) } : {}),
    ...(error instanceof AggregateError && depth < 1
      ? { errors: error.errors.slice(0, 3).map((one) => (one instanceof Error ? describeError(one, 3) : typeof one)) }
      : {}),
  }
}

/** knex puts the statement, with the values bound to it, before what PostgreSQL said; PostgreSQL quotes values in class 22. */
function messageOf(error: Error): string {
  if (!('severity' in error)) return error.message
  const said = error.message.slice(error.message.lastIndexOf(' - ') + 1).replace(/^- /, '')
  return said.replace(/: ".*"$/s, '')
}

const frames = (error: Error): string[] =>
  (error.stack ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .slice(0, STACK_LINES_MAX)

const suspicious = /whsec_|eyJ|bearer|basic|:\/\/|-----BEGIN/i

/** Text without the forms that secrets take: keys, tokens, credentials and queries of URLs. */
export function scrub(text: string): string {
  // Most texts are a name or an id: one look tells that none of the forms below can be in them.
  if (text.length <= TEXT_MAX && !suspicious.test(text)) return text
  return text
    .slice(0, TEXT_MAX)
    .replace(/\bwhsec_[A-Za-z0-9+/=_-]+/g, 'whsec_[hidden]')
    .replace(/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g, '[token]')
    .replace(/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/gi, '$1 [hidden]')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s?#"']*)[?#][^\s"']*/gi, '$1')
    .replace(/-----BEGIN[\s\S]*/g, '[key]')
}
