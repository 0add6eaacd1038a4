import { type ServiceName, serviceNames } from '@tributary/contracts'
import { command, Failure, usageError } from '../arguments.ts'
import { call, fetchToken, type LocalStack, requireStack } from '../stack/client.ts'

const help = `
Usage: ./tributary dead-letters list [--service S] [--all]
       ./tributary dead-letters show ID [--service S]
       ./tributary dead-letters replay ID... | --all [--service S] [--dry-run]
       ./tributary dead-letters discard ID... --reason TEXT [--service S] [--dry-run]

Works the messages that services parked because they could not be handled: each stays, with its reason, until it is replayed (after
the cause is mended) or discarded.

  --service S     only this one of ${serviceNames.join(', ')}
  --all           list: also what was replayed or discarded; replay: every message still parked
  --reason TEXT   why it is given up; kept with it
  --dry-run       say what would be done, and do nothing
`

const options = {
  service: { type: 'string' },
  all: { type: 'boolean', default: false },
  reason: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
} as const

/** As every service lists it. */
interface Parked {
  readonly id: string
  /** Null when its envelope could not be read: nothing could be sent again. */
  readonly subject: string | null
  readonly type: string
  readonly reason: string
  readonly status: string
  readonly parkedAt: string
}

interface Found extends Parked {
  readonly service: ServiceName
}

type Action = 'list' | 'show' | 'replay' | 'discard'
const actions: readonly string[] = ['list', 'show', 'replay', 'discard']

export const deadLetters = command({
  name: 'dead-letters',
  summary: 'list, show, replay or discard parked messages',
  help,
  options,
  positionals: { min: 1, max: 1000 },
  async run(values, [action, ...ids]) {
    checkWords(action as string, ids, values)
    const stack = requireStack()
    const token = await fetchToken(stack, ['dead-letters:read', 'dead-letters:write'])
    const services = values.service === undefined ? serviceNames : [values.service as ServiceName]
    const found = await listAll(stack, token, services)
    const open = found.filter((each) => each.status === 'parked')
    if (action === 'list') return printList(values.all ? found : open)
    const chosen = values.all ? open : ids.map((id) => choose(found, id))
    if (values.all && chosen.length === 0) console.log('Nothing is parked.')
    // One that is refused does not keep the others from being worked.
    let refused = 0
    for (const each of chosen) {
      const why = await work(stack, token, action as Action, each, values)
      if (why === undefined) continue
      refused += 1
      console.error(`left as it is  ${each.id}  ${each.service}  ${each.type}: ${why}`)
    }
    return refused === 0 ? 0 : 1
  },
})

type DeadLetterValues = { service?: string | undefined; all: boolean; reason?: string | undefined; 'dry-run': boolean }

function checkWords(action: string, ids: readonly string[], { service, all, reason }: DeadLetterValues): void {
  if (!actions.includes(action)) throw usageError('dead-letters', `"${action}" is none of ${actions.join(', ')}`)
  if (service !== undefined && !(serviceNames as readonly string[]).includes(service)) {
    throw usageError('dead-letters', `there is no service "${service}"`)
  }
  if (action === 'list' && ids.length > 0) throw usageError('dead-letters', `unexpected "${ids[0]}"`)
  if (all && action !== 'replay' && action !== 'list')
    throw usageError('dead-letters', '--all is only for list and replay')
  if (all && ids.length > 0) throw usageError('dead-letters', '--all and an id exclude each other')
  if (action !== 'list' && !all && ids.length === 0) throw usageError('dead-letters', `${action} what? Name an id`)
  if (action === 'show' && ids.length > 1) throw usageError('dead-letters', 'show takes one id')
  if (action === 'discard' && !reason?.trim()) throw usageError('dead-letters', 'discard needs a --reason')
}

async function listAll(stack: LocalStack, token: string, services: readonly ServiceName[]): Promise<Found[]> {
  const lists = await Promise.all(
    services.map(async (service) => {
      const items: Found[] = []
      let cursor: string | null = null
      do {
        const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
        const url = `${stack.url(service)}/api/v1/dead-letters?limit=200${query}`
        const page: { items: Parked[]; nextCursor: string | null } = await call(token, 'GET', url)
        items.push(...page.items.map((each) => ({ ...each, service })))
        cursor = page.nextCursor
      } while (cursor !== null)
      return items
    }),
  )
  return lists.flat()
}

function printList(found: readonly Found[]): number {
  if (found.length === 0) console.log('Nothing is parked.')
  for (const each of found) {
    const reason = each.reason.replace(/\s+/g, ' ')
    console.log(`${each.id}  ${each.service.padEnd(8)} ${each.status}  ${each.type}  ${each.parkedAt}  ${reason}`)
  }
  return 0
}

function choose(found: readonly Found[], id: string): Found {
  const match = found.find((each) => each.id === id)
  if (match === undefined) throw new Failure(`no service has a parked message ${id}`)
  return match
}

/** Undefined when it was done, else why it cannot be. */
async function work(
  stack: LocalStack,
  token: string,
  action: Action,
  each: Found,
  { reason, 'dry-run': dryRun }: DeadLetterValues,
): Promise<string | undefined> {
  const url = `${stack.url(each.service)}/api/v1/dead-letters/${each.id}`
  if (action === 'show') {
    console.log(JSON.stringify(await call(token, 'GET', url), null, 2))
    return undefined
  }
  if (each.status !== 'parked') return `it was ${each.status} already`
  if (action === 'replay' && each.subject === null) return 'its envelope could not be read, so it can only be discarded'
  if (!dryRun) {
    try {
      await call(token, 'POST', `${url}/${action}`, action === 'discard' ? { reason } : undefined)
    } catch (error) {
      if (error instanceof Failure) return error.message
      throw error
    }
  }
  const done = action === 'replay' ? 'replayed' : 'discarded'
  console.log(`${dryRun ? `would ${action}` : done}  ${each.id}  ${each.service}  ${each.type}`)
  return undefined
}
