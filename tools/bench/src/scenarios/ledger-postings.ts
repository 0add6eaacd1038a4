import { randomFillSync } from 'node:crypto'

/** One earning, and what it becomes in the tables. `account` is the number of its user. */
export type Posting = Readonly<{
  account: number
  userId: string
  rewardId: string
  causeId: string
  transferId: string
  amount: bigint
  time: string
}>

/** An earning of one of these users: of the first, or of any. */
export function newPosting(users: readonly string[], hot: boolean): Posting {
  const index = hot ? 0 : Math.floor(Math.random() * users.length)
  const ids = { rewardId: newUuid7(), causeId: newUuid7(), transferId: newUuid7() }
  return { account: index + 1, userId: users[index]!, ...ids, amount: 980n, time: new Date().toISOString() }
}

/** A UUIDv7 without the library's monotonic counter, which would be measured along. */
export function newUuid7(): string {
  const bytes = randomFillSync(Buffer.allocUnsafe(16))
  bytes.writeUIntBE(Date.now(), 0, 6)
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
