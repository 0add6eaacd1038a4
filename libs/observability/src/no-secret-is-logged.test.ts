import { expect, test } from 'vitest'
import { newLogger, newWideLine } from './log.ts'

const canary = 'canary-7f3a91'

/** Everything that was written by the given use of a logger. */
function written(use: (log: ReturnType<typeof newLogger>) => void): string {
  const lines: string[] = []
  use(newLogger('rewards', 'trace', { write: (line) => void lines.push(line) }))
  return lines.join('')
}

const databaseError = Object.assign(
  new Error(`insert into "users" ("email") values ('${canary}') - invalid input syntax for type uuid: "${canary}"`),
  { code: '22P02', severity: 'ERROR', detail: `Key (email)=(${canary})`, where: canary, parameters: [canary] },
)

const leaks: Record<string, (log: ReturnType<typeof newLogger>) => void> = {
  'a header map': (log) => log.info({ headers: { authorization: `Bearer ${canary}` } }, 'asked'),
  'a body': (log) => log.info({ body: { deep: { secret: canary } } }, 'asked'),
  'a body as text': (log) => log.info({ body: canary, payload: canary, payloadId: canary }, 'asked'),
  'a secret under its name': (log) => log.info({ clientSecret: canary, password: canary, token: canary }, 'asked'),
  'a secret under a name with a harmless end': (log) => log.info({ secretId: canary, tokenName: canary }, 'asked'),
  'an object under a harmless name': (log) =>
    log.info({ source: { secret: canary }, type: [{ secret: canary }] }, 'asked'),
  'an unknown field': (log) => log.info({ whatever: canary }, 'asked'),
  'a URL with a query': (log) => log.info({ url: `https://x.test/a?k=${canary}` }, `https://x.test/a?k=${canary}`),
  'a URL with credentials': (log) => log.info(`amqp://ledger:${canary}@localhost:5672/x`),
  'a webhook secret': (log) => log.info(`the secret is whsec_${canary}`),
  'a bearer token': (log) => log.info(`Authorization: Bearer ${canary}`),
  'a JWT': (log) => log.info(`eyJhbGciOiJFUzI1NiJ9.${canary}.sig`),
  'a private key': (log) => log.info(`-----BEGIN PRIVATE KEY-----\n${canary}`),
  'values for placeholders': (log) => log.info('the secret is %s', canary),
  'values for placeholders after fields': (log) => log.info({ event: 'x' }, 'the secret is %s', canary),
  'what a database error carries': (log) => log.error({ err: databaseError }, 'failed'),
  'an error itself': (log) => log.error(databaseError),
  'the cause of an error': (log) => log.error({ err: new Error('outer', { cause: databaseError }) }, 'failed'),
  'the parts of an aggregate': (log) => log.error({ err: new AggregateError([databaseError], 'many') }, 'failed'),
  'an error under another name': (log) => log.error({ failure: databaseError }, 'failed'),
  'the properties of an error': (log) =>
    log.error({ err: Object.assign(new Error('x'), { config: { canary } }) }, 'failed'),
  'what a child is bound to': (log) => log.child({ authorization: canary, deep: { canary } }).info('asked'),
  'a wide line': (log) => newWideLine(log, 'request.answered', { cookie: canary }).end({ responseBody: canary }),
}

test.each(Object.entries(leaks))('no secret is logged: %s', (_name, leak) => {
  const text = written(leak)
  expect(text).not.toBe('')
  expect(text).not.toContain(canary)
})

test('what is left out is named', () => {
  expect(JSON.parse(written((log) => log.info({ whatever: 1, headers: {} }, 'x')))).toMatchObject({
    dropped: ['whatever', 'headers'],
  })
})

test('what is harmless is written whole', () => {
  const line = JSON.parse(
    written((log) =>
      log.child({ requestId: 'r1' }).warn({ event: 'job.failed', job: 'keep', count: 3n, err: new Error('no') }, 'it'),
    ),
  ) as Record<string, unknown>
  expect(line).toMatchObject({
    level: 'warn',
    service: 'rewards',
    requestId: 'r1',
    event: 'job.failed',
    job: 'keep',
    count: '3',
    err: { type: 'Error', message: 'no' },
    message: 'it',
  })
})

test('a unit of work writes one line, at its end', () => {
  const text = written((log) => {
    const line = newWideLine(log, 'message.handled', { type: 'reward.earned' })
    line.add({ outcome: 'done' })
    line.end()
    line.end({ outcome: 'twice' })
  })
  expect(text.trim().split('\n')).toHaveLength(1)
  expect(JSON.parse(text)).toMatchObject({ event: 'message.handled', type: 'reward.earned', outcome: 'done' })
})
