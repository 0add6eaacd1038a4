import { call, fetchToken, type LocalStack } from './client.ts'

/** What the ledger answers, as far as it is printed. */
interface Rebuild {
  readonly ok: boolean
  readonly computed: Readonly<Record<string, number>>
  readonly differing: number
  readonly differences: readonly Difference[]
}

interface Difference {
  readonly projection: string
  readonly id: string
  readonly was: Readonly<Record<string, unknown>> | null
  readonly computed: Readonly<Record<string, unknown>> | null
}

/** Has the ledger compute its balances and positions anew; prints every row that differs. True: none does. */
export async function compareRebuild(stack: LocalStack): Promise<boolean> {
  const token = await fetchToken(stack, ['ledger:verify'])
  const answer = await call<Rebuild>(token, 'POST', `${stack.url('ledger')}/api/v1/rebuilds`)
  for (const difference of answer.differences) console.log(describeDifference(difference))
  const more = answer.differing - answer.differences.length
  if (more > 0) console.log(`and ${more} more`)
  const counts = Object.entries(answer.computed).map(([name, count]) => `${count} ${name}`)
  console.log(`computed anew from the transfers: ${counts.join(', ')}`)
  const agrees = answer.ok && answer.differing === 0
  console.log(
    agrees
      ? 'Nothing differs.'
      : `${answer.differing} ROWS DIFFER; docs/operations/books-do-not-balance.md says what to do.`,
  )
  return agrees
}

/** One line: the columns that differ, what is kept and what it should be. */
export function describeDifference({ projection, id, was, computed }: Difference): string {
  if (was === null) return `${projection} ${id}: missing`
  if (computed === null) return `${projection} ${id}: should not be there`
  const names = Object.keys(computed).filter((name) => String(was[name]) !== String(computed[name]))
  const changes = names.map((name) => `${name} is ${String(was[name])}, should be ${String(computed[name])}`)
  return `${projection} ${id}: ${changes.join('; ')}`
}
