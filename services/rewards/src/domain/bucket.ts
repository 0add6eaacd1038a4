/**
 * A number from 0 to 99.99 for a user and a rule, the same for ever: FNV-1a over both ids. Another rule shuffles users
 * anew, so that no user is always among the first to get something new.
 */
export function bucketOf(ruleId: string, userId: string): number {
  let hash = 0x811c9dc5
  for (const character of `${ruleId}/${userId}`) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0
  }
  // The low bits of FNV mix least; fold the high ones in.
  return (((hash ^ (hash >>> 16)) >>> 0) % 10_000) / 100
}
