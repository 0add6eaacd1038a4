/** What a reward is for; with the rule and the beneficiary it makes a reward unique for ever. */
export const causeOfInvoice = (invoiceId: string): string => `invoice:${invoiceId}`
export const causeOfRegistration = (externalUserId: string): string => `registration:${externalUserId}`

/**
 * A custom event is its webhook. The sender's event id stands for (source, webhook id), of which there is one row in
 * ingest's journal; it stays the same when the event is published again.
 */
export const causeOfWebhook = (eventId: string): string => `webhook:standard:${eventId}`
