import { createHash } from 'node:crypto'
import type { FingerprintedRequest } from '../domain/books.ts'
import { contentLine, contentOf, type Request, withPlainIds } from '../domain/request.ts'

/** The request with the SHA-256 of what it says, in hex: the same cause with another fingerprint is a conflict. */
export function fingerprinted(request: Request): FingerprintedRequest {
  const plain = withPlainIds(request)
  return {
    ...plain,
    fingerprint: createHash('sha256')
      .update(contentLine(contentOf(plain)))
      .digest('hex'),
  }
}
