import { Problem, parseJson } from '@tributary/service-kit'
import { z } from 'zod'
import type { OAuthRefusal, Parameters } from '../domain/token-request.ts'

/** Form-encoded as RFC 6749 has it, or the same as JSON. A parameter given twice is refused. */
export function readParameters(contentType: string, body: Buffer): Parameters | OAuthRefusal {
  if (/^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType)) {
    const given = [...new URLSearchParams(body.toString('utf8'))]
    const parameters = new Map(given)
    if (parameters.size !== given.length) return invalid('a parameter came more than once')
    return parameters
  }
  if (!/^application\/json\s*(;|$)/i.test(contentType)) return invalid('the body must be form-encoded or JSON')
  try {
    const read = z.record(z.string(), z.string()).safeParse(parseJson(body))
    return read.success ? new Map(Object.entries(read.data)) : invalid('the body must be an object of strings')
  } catch (error) {
    if (error instanceof Problem) return invalid('the body is not valid JSON')
    throw error
  }
}

const invalid = (description: string): OAuthRefusal => ({ error: 'invalid_request', description })
