import { expect, test } from 'vitest'
import { clientOf, credentialsFor, json, refuse, scripted, type Turn } from './server.ts'

let issued = 0
const token =
  (expiresIn: number): Turn =>
  (response, request) => {
    issued += 1
    json(200, { access_token: `token-${issued}`, token_type: 'Bearer', expires_in: expiresIn })(response, request)
  }
const refused = refuse(401, 'token_invalid')

test('a token is asked for once, by one request however many calls wait for it', async () => {
  const [admin, rewards] = [await scripted(token(900)), await scripted(json(200, {}))]
  const client = clientOf(rewards.url, { tokens: credentialsFor(admin.url) })
  await Promise.all(Array.from({ length: 20 }, () => client.getReward('r')))
  expect(admin.received).toHaveLength(1)
  expect(admin.received[0]).toMatchObject({
    body: 'grant_type=client_credentials',
    headers: { authorization: `Basic ${Buffer.from('shop:secret').toString('base64')}` },
  })
})

test('a token that was refused is replaced once, however many calls it was refused to', async () => {
  const admin = await scripted(token(900))
  const tokens = credentialsFor(admin.url)
  const first = await tokens.get()
  const rewards = await scripted((response, request) => {
    const isOld = request.headers.authorization === `Bearer ${first}`
    ;(isOld ? refused : json(200, {}))(response, request)
  })
  const client = clientOf(rewards.url, { tokens })
  await Promise.all(Array.from({ length: 10 }, () => client.getReward('r')))
  expect(admin.received).toHaveLength(2)
})

test('a second refusal is the answer', async () => {
  const [admin, rewards] = [await scripted(token(900)), await scripted(refused)]
  const call = clientOf(rewards.url, { tokens: credentialsFor(admin.url) }).getReward('r')
  await expect(call).rejects.toMatchObject({ status: 401, code: 'token_invalid' })
  expect(rewards.received).toHaveLength(2)
})

test('a token is replaced before it ends', async () => {
  // It ends in two seconds, so it is kept for one.
  const admin = await scripted(token(2))
  const tokens = credentialsFor(admin.url)
  const first = await tokens.get()
  expect(await tokens.get()).toBe(first)
  await expect.poll(() => tokens.get(), { timeout: 5_000 }).not.toBe(first)
  expect(admin.received).toHaveLength(2)
})

test('an admin that is away for a moment is waited for; a wrong secret is told at once', async () => {
  const passing = await scripted(refuse(503, 'temporarily_unavailable'), token(900))
  await credentialsFor(passing.url).get()
  expect(passing.received).toHaveLength(2)
  const wrong = await scripted(json(401, { error: 'invalid_client' }))
  const tokens = credentialsFor(wrong.url)
  await expect(tokens.get()).rejects.toThrow(/no token for shop: 401/)
  await expect(tokens.get()).rejects.toThrow(/no token for shop: 401/)
  expect(wrong.received).toHaveLength(2)
})
