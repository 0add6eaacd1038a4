import { query, type Transaction } from '@tributary/database'
import { causeOfInvoice } from '../domain/cause.ts'
import type { InvoiceReward } from '../domain/invoice.ts'
import { pinnedRateOf, type RuleDefinition, termsOf } from './rules.ts'

/** Locks the rewards that these invoices earned, sorted, and answers them by invoice with what their rule version says. */
export async function lockInvoiceRewards(
  tx: Transaction,
  invoiceIds: readonly string[],
): Promise<Map<string, InvoiceReward[]>> {
  const rows = await query<
    Omit<InvoiceReward, 'terms'> & { cause: string; definition: RuleDefinition; rateBasisPoints: number | null }
  >(
    tx,
    `select rewards.id, cause, granted, reversed, refusal, holds, hold_sequence as "holdSequence",
       rate_basis_points as "rateBasisPoints", definition
     from rewards
     join rule_versions pinned on pinned.rule_id = rewards.rule_id and pinned.version = rewards.rule_version
     where cause = any(?::text[]) order by rewards.id for no key update of rewards`,
    [invoiceIds.map(causeOfInvoice)],
  )
  const rewards = new Map<string, InvoiceReward[]>()
  for (const { cause, definition, rateBasisPoints, ...reward } of rows) {
    const invoiceId = cause.slice(causeOfInvoice('').length)
    const list = rewards.get(invoiceId) ?? []
    const { minimumAmount } = termsOf(definition)
    const rate = pinnedRateOf(definition, reward.granted, rateBasisPoints)
    list.push({ ...reward, terms: { reward: rate, minimumAmount } })
    rewards.set(invoiceId, list)
  }
  return rewards
}
