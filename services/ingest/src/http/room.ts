import { unavailable } from '@tributary/service-kit'

/** What requests may hold in memory together while they wait for the database. */
export type Room = Readonly<{
  /** Takes room for a body; the answer gives it back. Throws `temporarily_unavailable` where there is none. */
  take(bodyBytes: number): () => void
}>

/** Bodies of the largest size fill it with a thousand requests; those of the usual size with over ten thousand. */
const ROOM_BYTES = 64 * 1024 * 1024
/** What a request costs beside its body, roughly. */
const REQUEST_BYTES = 4 * 1024

export function newRoom(bytesMax = ROOM_BYTES): Room {
  let taken = 0
  return {
    take(bodyBytes) {
      const bytes = bodyBytes + REQUEST_BYTES
      if (taken + bytes > bytesMax) throw unavailable('too much is waiting to be stored; send it again in a while')
      taken += bytes
      return () => {
        taken -= bytes
      }
    },
  }
}
