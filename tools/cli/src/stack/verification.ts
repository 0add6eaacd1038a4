import { call, fetchToken, type LocalStack } from './client.ts'

/** What the ledger answers, as far as it is printed. */
interface Verification {
  readonly status: string
  readonly checks: readonly Check[]
  readonly coverage: { readonly notCovered: readonly string[] }
  readonly chainHead: { readonly batch: number; readonly hash: string } | null
}

interface Check {
  readonly name: string
  readonly status: string
  readonly checked: number
  readonly broken: number
  readonly detail: string
}

/** Asks the ledger to check its books now; prints each check and its count. True: every check ran to its end and held. */
export async function runVerification(stack: LocalStack): Promise<boolean> {
  const token = await fetchToken(stack, ['ledger:verify', 'ledger:read'])
  const answer = await call<Verification>(token, 'POST', `${stack.url('ledger')}/api/v1/verifications`)
  const width = Math.max(...answer.checks.map((each) => each.name.length))
  for (const check of answer.checks) console.log(describeCheck(check, width))
  if (answer.chainHead !== null) console.log(`\nchain head: batch ${answer.chainHead.batch}, ${answer.chainHead.hash}`)
  for (const what of answer.coverage.notCovered) console.log(`not covered: ${what}`)
  // Fails closed: only the ledger's own `passed` over checks that all passed is a proof.
  const sound =
    answer.status === 'passed' && answer.checks.length > 0 && answer.checks.every((each) => each.status === 'passed')
  console.log(`\n${sound ? 'The books are sound.' : `THE BOOKS ARE NOT PROVED: ${answer.status}.`}`)
  return sound
}

/** One line: the verdict, the check, how much it looked at, and what is broken. */
export function describeCheck({ name, status, checked, broken, detail }: Check, width: number): string {
  const verdict = status === 'passed' ? 'ok     ' : status === 'failed' ? 'BROKEN ' : 'NOT RUN'
  const breaks = broken === 0 ? '' : `, ${broken} broken`
  return `${verdict}  ${name.padEnd(width)}  ${checked} checked${breaks}${detail === '' ? '' : `  ${detail}`}`
}
