import { call, fetchToken, type LocalStack } from './client.ts'

/** One guarantee that was looked at. */
interface Check {
  readonly name: string
  readonly checked: number
  readonly broken: number
  readonly detail?: string
}

/** Asks the ledger to check its books now; prints each check and its count. True: nothing is broken. */
export async function runVerification(stack: LocalStack): Promise<boolean> {
  const token = await fetchToken(stack, ['ledger:verify', 'ledger:read'])
  const answer = await call<Record<string, unknown>>(token, 'POST', `${stack.url('ledger')}/api/v1/verifications`, {})
  const checks = readChecks(answer)
  const width = Math.max(...checks.map((each) => each.name.length))
  for (const { name, checked, broken, detail } of checks) {
    const verdict = broken === 0 ? 'ok    ' : 'BROKEN'
    console.log(
      `${verdict}  ${name.padEnd(width)}  ${checked} checked${broken === 0 ? '' : `, ${broken} broken`}${detail ? `  ${detail}` : ''}`,
    )
  }
  // Fails closed: an answer without checks, or one that does not itself say `ok`, proves nothing.
  const sound = checks.length > 0 && checks.every((each) => each.broken === 0) && answer.ok !== false
  console.log(sound ? 'The books are sound.' : 'THE BOOKS ARE BROKEN.')
  return sound
}

function readChecks(answer: Record<string, unknown>): Check[] {
  if (!Array.isArray(answer.checks)) return []
  return (answer.checks as Record<string, unknown>[]).map((each) => ({
    name: String(each.name),
    checked: Number(each.checked ?? 0),
    broken: Number(each.broken ?? Number.NaN),
    ...(typeof each.detail === 'string' ? { detail: each.detail } : {}),
  }))
}
