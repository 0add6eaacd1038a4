import { readJson } from './json.ts'
import { ApiError } from './problem.ts'

export type HttpRequest = Readonly<{
  method: string
  url: string
  headers: Readonly<Record<string, string>>
  body?: string
  timeoutMs: number
  signal?: AbortSignal | undefined
}>

/** One request. Rejects with ApiError where the answer is a refusal, else with fetch's own error or a TimeoutError. */
export async function exchange(request: HttpRequest): Promise<unknown> {
  return withTimeLimit(request, async (response) => readBody(response))
}

/** One request whose answer is read as it comes; the time limit is for its beginning. */
export async function exchangeForStream(request: HttpRequest): Promise<AsyncIterable<string>> {
  return withTimeLimit(request, async (response) => {
    if (response.body === null) throw new Error(`${request.method} ${request.url} answered nothing`)
    return response.body.pipeThrough(new TextDecoderStream())
  })
}

async function withTimeLimit<T>(
  { method, url, headers, body, timeoutMs, signal }: HttpRequest,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const limit = new AbortController()
  const timer = setTimeout(() => {
    limit.abort(new DOMException(`${method} ${url} took longer than ${timeoutMs} ms`, 'TimeoutError'))
  }, timeoutMs)
  const either = signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal])
  try {
    const response = await fetch(url, { method, headers, signal: either, ...(body === undefined ? {} : { body }) })
    if (!response.ok) throw new ApiError(response.status, response.headers, await readBody(response))
    return await read(response)
  } finally {
    clearTimeout(timer)
  }
}

/** The JSON of an answer; the text where it is none. */
export async function readBody(response: Response): Promise<unknown> {
  const text = await response.text()
  try {
    return text === '' ? null : readJson(text)
  } catch {
    return text
  }
}
