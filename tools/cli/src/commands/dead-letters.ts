import { type ServiceName, serviceNames } from '@tributary/contracts'
import { command, Failure, usageError } from '../arguments.ts'
import { call, fetchToken, type LocalStack, requireStack } from '../stack/client.ts'

const help = `
Usage: ./tributary dead-letters list [--service S]
       ./tributary dead-letters show ID [--service S]
       ./tributary dead-letters replay ID... | --all [--service S] [--dry-run]
       ./tributary dead-letters discard ID... [--service S] [--dry-run]

Works the messages that services parked because they could not be handled: each stays, with its reason, until it is replayed (after
the cause is mended) or discarded.

  --service S   only this one of ${serviceNames.join(', ')}
  --all         every message still parked
  --dry-run     say what would be done, and do nothing
`

const options = {
  service: { type: 'string' },
  all: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
} as const

/** As every service lists it. */
interface Parked {
  readonly id: string
  readonly type?: string
  readonly reason?: string
  readonly status?: string
  readonly parkedAt?: string
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
  async run({ service, all, 'dry-run': dryRun }, [action, ...ids]) {
    checkWords(action as string, ids, service, all)
    const stack = requireStack()
    const token = await fetchToken(stack, ['dead-letters:read', 'dead-letters:write'])
    const found = await listAll(stack, token, service === undefined ? serviceNames : [service as ServiceName])
    if (action === 'list') return printList(found)
    const chosen = all ? found.filter(isOpen) : ids.map((id) => choose(found, id))
    for (const each of chosen) await work(stack, token, action as Action, each, dryRun)
    if (all && chosen.length === 0) console.log('Nothing is parked.')
    return 0
  },
})

function checkWords(action: string, ids: readonly string[], service: string | undefined, all: boolean): void {
  if (!actions.includes(action)) throw usageError('dead-letters', `"${action}" is none of ${actions.join(', ')}`)
  if (service !== undefined && !(serviceNames as readonly string[]).includes(service)) {
    throw usageError('dead-letters', `there is no service "${service}"`)
  }
  if (action === 'list' && ids.length > 0) throw usageError('dead-letters', `unexpected "${ids[0]}"`)
  if (all && action !== 'replay') throw usageError('dead-letters', '--all is only for replay')
  if (action !== 'list' && !all && ids.length === 0) throw usageError('dead-letters', `${action} what? Name an id`)
  if (action === 'show' && ids.length > 1) throw usageError('dead-letters', 'show takes one id')
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

function isOpen({ status }: Parked): boolean {
  return status === undefined || status === 'parked'
}

function printList(found: readonly Found[]): number {
  if (found.length === 0) console.log('Nothing is parked.')
  for (const each of found) {
    console.log(
      `${each.id}  ${each.service.padEnd(8)} ${each.status ?? 'parked'}  ${each.type ?? ''}  ${each.parkedAt ?? ''}  ${each.reason ?? ''}`,
    )
  }
  return 0
}

function choose(found: readonly Found[], id: string): Found {
  const match = found.find((each) => each.id === id)
  if (match === undefined) throw new Failure(`no service has a parked message ${id}`)
  return match
}

async function work(stack: LocalStack, token: string, action: Action, each: Found, dryRun: boolean): Promise<void> {
  const url = `${stack.url(each.service)}/api/v1/dead-letters/${each.id}`
  if (action === 'show') {
    console.log(JSON.stringify(await call(token, 'GET', url), null, 2))
    return
  }
  if (!dryRun) await call(token, 'POST', `${url}/${action}`, {})
  console.log(
    `${dryRun ? 'would ' : ''}${dryRun ? action : action === 'replay' ? 'replayed' : 'discarded'}  ${each.id}  ${each.service}  ${each.type ?? ''}`,
  )
}
