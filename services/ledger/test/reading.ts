import { startTestService, type TestDatabase, type TestService, tokenFor } from '@tributary/testing'
import { configShape, ledger } from '../src/app.ts'
import { newSigningKey } from './keys.ts'

export type Read = Readonly<{ status: number; type: string | null; text: string }>
export type Reader = Readonly<{
  service: TestService
  read(path: string, accept?: string): Promise<Read>
  /** As JSON. */
  get<T = Record<string, unknown>>(path: string): Promise<T & { status: number }>
}>

/** The ledger's API over some database, for somebody who may read it. */
export async function openReader(database?: TestDatabase): Promise<Reader> {
  const own = configShape.parse({ LEDGER_SIGNING_KEY: newSigningKey() })
  const service = await startTestService('ledger', ledger, database === undefined ? { own } : { own, database })
  const authorization = `Bearer ${await tokenFor(['ledger:read'])}`
  const read = async (path: string, accept = '*/*') => {
    const response = await service.fetch(path, { headers: { authorization, accept } })
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
  }
  return {
    service,
    read,
    async get<T>(path: string) {
      const { status, text } = await read(path)
      return { status, ...(JSON.parse(text) as T) }
    },
  }
}
