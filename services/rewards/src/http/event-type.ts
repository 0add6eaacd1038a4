import { z } from 'zod'

const known = ['user.registered', 'subscription.paid']
/** No rule is asked about these; what they do to rewards that there are. */
const unrewarded: Readonly<Record<string, string>> = {
  'payment.refunded': 'it takes back from the rewards of its invoice what they are too much by',
  'payment.disputed': 'it holds the rewards of its invoice; won, lets them go; lost, takes back their share',
  'subscription.cancelled': 'payments from its time on earn nothing by recurring rules',
}

/** What senders may call an event. */
export const sentType = /^[a-z0-9_]+(\.[a-z0-9_]+){1,3}$/

/** A type of event that a rule can be for; those of the app's own making with or without `custom.`. */
export const rewardedTypeField = z
  .string()
  .max(64)
  .regex(/^[a-z0-9_]+(\.[a-z0-9_]+){1,4}$/, { error: 'must be the type of an event, such as subscription.paid' })
  .refine((type) => unrewarded[storedEventType(type)] === undefined, {
    error: ({ input }) =>
      `no reward can be earned by this type of event: ${unrewarded[storedEventType(String(input))]}`,
  })
  .refine((type) => type === storedEventType(type) || !known.includes(storedEventType(type)), {
    error: 'is not custom; write it without `custom.`',
  })

/** How events find the rule: types of the app's own making travel as `custom.<type>`, rules may name them either way. */
export function storedEventType(type: string): string {
  return known.includes(type) ? type : type.replace(/^custom\./, '')
}
