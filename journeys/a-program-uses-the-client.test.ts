import { ApiError, allItems, readJsonLines, readLines } from '@tributary/client'
import { beforeAll, expect, it } from 'vitest'
import { paid, type Referrer, registered, setUpProgramme, tenForARegistration } from './programme.ts'
import { type Stack, startStack } from './stack.ts'

let stack: Stack
let bob: Referrer
beforeAll(async () => {
  stack = await startStack()
  bob = await setUpProgramme(stack, [tenForARegistration])
  for (const name of ['ann', 'eve', 'max']) {
    await stack.client.sendWebhook({ id: `msg_${name}`, ...registered(name, bob.code) })
  }
  await stack.settled()
})

it('asks every service whatever it answers, under the names that the client gives', async () => {
  const { client } = stack
  const nobody = '01980f00-0000-7000-8000-000000000000'
  const today = new Date().toISOString().slice(0, 10)
  const asked: Readonly<Record<string, () => Promise<unknown>>> = {
    getEvent: () => client.getEvent(nobody),
    getReceipt: () => client.getReceipt(nobody),
    listReceiptKeys: () => client.listReceiptKeys(),
    getDigest: () => client.getDigest({ date: today }),
    listReplays: () => client.listReplays(),
    getReplay: () => client.getReplay(nobody),
    listRejections: () => client.listRejections({ limit: 1 }),
    getSystemConfig: () => client.getSystemConfig(),
    listAdapters: () => client.listAdapters(),
    getUser: () => client.getUser(nobody),
    listReferralCodes: () => client.listReferralCodes(bob.userId),
    getReferralCode: () => client.getReferralCode(bob.code),
    listReferrals: () => client.listReferrals({ status: 'registered' }),
    getReferral: () => client.getReferral(nobody),
    listRules: () => client.listRules(),
    getRule: () => client.getRule(nobody),
    listDecisions: () => client.listDecisions({ userId: bob.userId }),
    getFunnel: () => client.getFunnel(),
    getCohorts: () => client.getCohorts(),
    getTopReferrers: () => client.getTopReferrers(),
    getRuleCosts: () => client.getRuleCosts(),
    listEntries: () => client.listEntries(bob.userId),
    getTransfer: () => client.getTransfer(nobody),
    listTransfers: () => client.listTransfers({ causeId: nobody }),
    getLiability: () => client.getLiability({ currency: 'USD' }),
    getLatestVerification: () => client.getLatestVerification(),
    listCheckpoints: () => client.listCheckpoints(),
    getLatestCheckpoint: () => client.getLatestCheckpoint(),
    listCheckpointKeys: () => client.listCheckpointKeys(),
    getProof: () => client.getProof(nobody),
    getSettlement: () => client.getSettlement(nobody),
    listUnmatchedSettlements: () => client.listUnmatchedSettlements(),
    listOutstandingSettlements: () => client.listOutstandingSettlements(),
    listAdjustments: () => client.listAdjustments(),
    getAdjustment: () => client.getAdjustment(nobody),
    listScreenings: () => client.listScreenings(),
    getScreening: () => client.getScreening(nobody),
    getJwks: () => client.getJwks(),
    listDeadLetters: () => client.listDeadLetters('payouts'),
  }
  const answers = await Promise.all(
    Object.entries(asked).map(async ([name, ask]) => {
      const code = await ask().then(
        () => 'answered',
        (error: unknown) => (error instanceof ApiError ? error.code : String(error)),
      )
      return [name, code] as const
    }),
  )
  // A route that were not there would say so in the same words as a thing that is not: both are looked at together.
  const ofOneThing =
    /^get(Event|Receipt|Replay|User|Referral|Rule|Transfer|Proof|Settlement|Adjustment|Screening|Latest\w+)$/
  expect(
    answers.filter(([name, code]) => code !== 'answered' && !(code === 'not_found' && ofOneThing.test(name))),
  ).toEqual([])
})

it('walks a list to its end, page by page', async () => {
  const seen = new Set<string>()
  for await (const { id } of allItems((cursor) => stack.client.listRewards({ limit: 1, cursor }))) seen.add(id)
  expect(seen.size).toBe(3)
})

it('finds what became of a webhook by its own id, and what is wrong with one before it sends it', async () => {
  expect(await stack.client.findEvent('msg_ann')).toMatchObject({ status: 'processed' })
  expect(await stack.client.findEvent('msg_nobody')).toBeNull()
  expect((await stack.client.listEvents({ type: 'user.registered' })).items).toHaveLength(3)
  expect(await stack.client.verifyWebhook(paid('ann', 'invoice-1', 1_000))).toMatchObject({ valid: true })
})

it('repeats a command under its key, and it is done once', async () => {
  const [reward] = (await stack.client.listRewards({ limit: 1 })).items
  const reverse = () =>
    stack.client.reverseReward(reward!.id, { amount: 100, reason: 'A test' }, { idempotencyKey: 'once' })
  expect(await reverse()).toEqual(await reverse())
  expect((await stack.client.getReward(reward!.id)).reversed).toEqual({ amount: 100, currency: 'USD' })
  await stack.settled()
})

it('reads the statement as CSV and all books line by line', async () => {
  const [header, ...entries] = await collect(readLines(await stack.client.csv.listEntries(bob.userId)))
  expect(header).toContain('amount')
  expect(entries.length).toBeGreaterThanOrEqual(3)
  const books = await collect(readJsonLines(await stack.client.exportBooks()))
  expect(books.length).toBeGreaterThan(entries.length)
  const codes = await collect(readLines(await stack.client.exportPeople('codes')))
  expect(codes).toContain(`bob,${bob.code}`)
})

async function collect<Item>(all: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of all) items.push(item)
  return items
}
