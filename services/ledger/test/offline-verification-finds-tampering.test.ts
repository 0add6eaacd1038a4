import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { newSigningKeys } from '../src/proof/keys.ts'
import { newKeys, newSigningKey } from './keys.ts'
import { request } from './rig.ts'
import { exported, failuresOf, type Sealed, sealAll, verified, workedLedger } from './sealed.ts'
import { cutTail, raisedAmount, rewrittenChain, tampered, tamperings } from './tampering.ts'

/** Eight batches under two checkpoints, both anchored. */
async function sealedTwice(): Promise<Sealed & { anchor: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-anchor-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const anchor = join(folder, 'anchor.jsonl')
  const ledger = await workedLedger()
  await sealAll(ledger, anchor)
  await ledger.post(request('earn'))
  await sealAll(ledger, anchor)
  return { ...ledger, anchor }
}

test('what nobody touched is found sound, and the anchor agrees', async () => {
  const ledger = await sealedTwice()
  const report = await verified(await exported(ledger), [ledger.keys.own], ledger.anchor)
  expect(failuresOf(report)).toEqual([])
  expect(report.checks.find(({ name }) => name === 'the_anchor_agrees')?.checked).toBe(2)
  expect(report.checks.filter(({ checked }) => checked === 0)).toEqual([])
  expect(report.notCovered).toEqual(['whether every event that should have moved money has arrived'])
})

test('what a superuser changes, drops, inserts or reorders in any table is found and named', async () => {
  const ledger = await sealedTwice()
  for (const [what, sql, ...expected] of tamperings) {
    const lines = await tampered(ledger, sql, (db) => exported({ db, keys: ledger.keys }))
    const report = await verified(lines, [ledger.keys.own])
    expect(failuresOf(report), what).toEqual(expect.arrayContaining(expected))
    const examples = report.checks.flatMap((check) => check.examples)
    expect(examples.length, what).toBeGreaterThan(0)
  }
})

test('books that were cut off together with their checkpoints, or signed anew, do not pass', async () => {
  const ledger = await sealedTwice()
  const cut = `${cutTail} delete from checkpoints where sequence = 2`
  const cutLines = await tampered(ledger, cut, (db) => exported({ db, keys: ledger.keys }))
  const alone = await verified(cutLines, [ledger.keys.own])
  expect(failuresOf(alone)).toEqual([])
  expect(alone.notCovered).toContain(
    'whether books and checkpoints were cut off or made anew together before the export was made: give --anchor FILE',
  )
  const anchored = await verified(cutLines, [ledger.keys.own], ledger.anchor)
  expect(failuresOf(anchored)).toEqual(['the_anchor_agrees'])
  // Rewritten from the first batch on, all checkpoints made anew: once by a key of the attacker's, once by the ledger itself.
  const rewritten = `${raisedAmount} ${rewrittenChain} delete from checkpoints`
  const thief = newKeys()
  const forged = await tampered(ledger, rewritten, async (db) => {
    await sealAll({ db, keys: thief })
    return exported({ db, keys: ledger.keys })
  })
  expect(failuresOf(await verified(forged, [ledger.keys.own]))).toEqual(['checkpoints_are_signed_and_chained'])
  const signedAnew = await tampered(ledger, rewritten, async (db) => {
    await sealAll({ db, keys: ledger.keys })
    return exported({ db, keys: ledger.keys })
  })
  expect(failuresOf(await verified(signedAnew, [ledger.keys.own]))).toEqual([])
  expect(failuresOf(await verified(signedAnew, [ledger.keys.own], ledger.anchor))).toEqual(['the_anchor_agrees'])
})

test('a file from which a line is missing, doubled, moved or changed anywhere does not pass', async () => {
  const ledger = await sealedTwice()
  const lines = await exported(ledger)
  const passes = async (doctored: readonly string[]) => (await verified(doctored, [ledger.keys.own])).ok
  expect(await passes(lines)).toBe(true)
  for (const [index, line] of lines.entries()) {
    const without = lines.toSpliced(index, 1)
    expect(await passes(without), `without line ${index}`).toBe(false)
    expect(await passes(lines.slice(0, index)), `cut off before line ${index}`).toBe(false)
    expect(await passes(lines.toSpliced(index, 0, line)), `line ${index} twice`).toBe(false)
    for (const other of [index + 1, lines.length - 2]) {
      if (other === index || other >= lines.length) continue
      const moved = without.toSpliced(other, 0, line)
      expect(await passes(moved), `line ${index} moved to ${other}`).toBe(false)
    }
    expect(await passes(lines.with(index, ` ${line}`)), `line ${index} written otherwise`).toBe(false)
    const isLikeOneBefore = lines.slice(0, index).filter((each) => typeOf(each) === typeOf(line)).length > 1
    for (const [name, changed] of isLikeOneBefore ? [] : eachFieldChanged(line)) {
      expect(await passes(lines.with(index, changed)), `line ${index}: another ${name} in ${line}`).toBe(false)
    }
  }
  expect(await passes([...lines, '{}'])).toBe(false)
})

const typeOf = (line: string) => line.slice(0, line.indexOf(','))

/** The line with one field changed, for each: to what it might well be, to nothing, and with a field that is not known. */
function* eachFieldChanged(line: string): Generator<[string, string]> {
  const row = JSON.parse(line) as Record<string, unknown>
  for (const [name, value] of Object.entries(row)) {
    yield [name, JSON.stringify({ ...row, [name]: changed(value) })]
    if (value !== null) yield [name, JSON.stringify({ ...row, [name]: null })]
    const { [name]: _gone, ...rest } = row
    yield [name, JSON.stringify(rest)]
  }
  yield ['field', JSON.stringify({ ...row, extra: 1 })]
}

function changed(value: unknown): unknown {
  if (value === null) return '018f0000-0000-7000-8000-00000000000a'
  if (typeof value === 'number') return value + 1
  if (Array.isArray(value)) return [...(value as unknown[]), '018f0000-0000-7000-8000-00000000000a']
  if (typeof value !== 'string') return {}
  // The last digit: of an instant its microseconds, of a number its ones, of a hash four bits.
  return value
    .replace(/[0-9](?=[^0-9]*$)/, (digit) => String((Number(digit) + 1) % 10))
    .replace(/^[^0-9]+$/, (text) => `${text}x`)
}

test('a checkpoint counts only by a key that is given, a retired one as well', async () => {
  const ledger = await sealedTwice()
  const lines = await exported(ledger)
  const wrong = await verified(lines, [newKeys().own])
  expect(failuresOf(wrong)).toEqual(['the_export_is_signed', 'checkpoints_are_signed_and_chained'])
  expect(wrong.checks.flatMap(({ examples }) => examples)[0]).toContain(`is signed by ${ledger.keys.own.id}`)
  const rotated = newSigningKeys(newSigningKey(), [ledger.keys.own.pem])
  await ledger.post(request('earn'))
  await sealAll({ ...ledger, keys: rotated })
  const after = await exported({ ...ledger, keys: rotated })
  expect(failuresOf(await verified(after, rotated.all))).toEqual([])
  expect(failuresOf(await verified(after, [rotated.own]))).toEqual(['checkpoints_are_signed_and_chained'])
})

test('an anchor counts only where it is whole: altered, thinned out or not for these books, it does not agree', async () => {
  const ledger = await sealedTwice()
  const lines = await exported(ledger)
  const [first, second] = readFileSync(ledger.anchor, 'utf8').trimEnd().split('\n') as [string, string]
  const against = async (text: string) => {
    writeFileSync(ledger.anchor, text)
    return verified(lines, [ledger.keys.own], ledger.anchor)
  }
  const agrees = async (text: string) => (await against(text)).ok
  expect(await agrees(`${first}\n${second}\n`)).toBe(true)
  // Two processes appended the same; one was killed while it did.
  expect(await agrees(`${first}\n${second}\n${first}\n${second.slice(0, 90)}\n${second}\n`)).toBe(true)
  expect(await agrees(`${first}\n${second}\n${second.slice(0, 90)}`)).toBe(true)
  expect(await agrees(`${first.slice(0, 90)}\n${second}\n`)).toBe(false)
  expect(await agrees(`${first}\n${second.replace(/"transfers":"1"/, '"transfers":"2"')}\n`)).toBe(false)
  expect(await agrees(`${first}\n${lines[1]}\n`)).toBe(false)
  // A file that was rotated away covers less, and says so; a later one is not proved by an older file.
  expect((await against(`${second}\n`)).notCovered).toContainEqual(
    expect.stringMatching(/^checkpoints 1 to 1 by the anchor/),
  )
  expect((await against(`${first}\n`)).notCovered).toContainEqual(
    expect.stringMatching(/^checkpoints 2 to 2 by the anchor/),
  )
  const others = await sealedTwice()
  expect(failuresOf(await verified(lines, [ledger.keys.own, others.keys.own], others.anchor))).toEqual([
    'the_anchor_agrees',
  ])
})

test('an export that is older than the anchor says what it does not cover', async () => {
  const ledger = await sealedTwice()
  const lines = await exported(ledger, () => new Date(Date.now() - 5))
  await ledger.post(request('earn'))
  await sealAll(ledger, ledger.anchor)
  const report = await verified(lines, [ledger.keys.own], ledger.anchor)
  expect(failuresOf(report)).toEqual([])
  expect(report.notCovered).toContainEqual(
    expect.stringMatching(/^what was posted after the export .* 1 later checkpoints/),
  )
})

test('what no checkpoint covers yet is said', async () => {
  const ledger = await sealedTwice()
  await ledger.post(request('earn'))
  const report = await verified(await exported(ledger), [ledger.keys.own], ledger.anchor)
  expect(report.ok).toBe(true)
  expect(report.notCovered[0]).toMatch(/^batches 9 to 9 by a checkpoint/)
})
