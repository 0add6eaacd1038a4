import type { Principal } from '@tributary/service-kit'

/** How a principal is written down beside what they did: `client:cli`, `person:ann`. */
export function doerOf(principal: Principal | null): string {
  return principal === null ? 'nobody' : `${principal.kind}:${principal.id}`
}
