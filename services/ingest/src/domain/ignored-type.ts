/**
 * Under which type an event of a provider is kept that is not translated, such as `stripe.customer.updated`: never one of our
 * own names, and always one that events can be listed by.
 */
export function ignoredType(source: string, name: string): string {
  const words = `${source}.${name}`.toLowerCase().replaceAll(/[^a-z0-9_.]/g, '_')
  const type = words.split('.').filter(Boolean).slice(0, 4).join('.').slice(0, 64)
  return type.includes('.') && !type.endsWith('.') ? type : `${source.replaceAll(/[^a-z0-9_]/g, '_')}.other`
}
