/** What the external id of somebody erased begins with. No sender can write one: references do not begin with a blank. */
const ERASED_PREFIX = ' erased:'

/** Whether this external id stands for somebody whose data was removed. */
export function isErased(externalUserId: string | null): boolean {
  return externalUserId?.startsWith(ERASED_PREFIX) === true
}
