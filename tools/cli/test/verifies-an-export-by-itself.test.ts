import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { tributary } from './run.ts'

const sample = (name: string) =>
  fileURLToPath(new URL(`../../../services/ledger/test/sample-export/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tributary-offline-'))
afterAll(() => rmSync(folder, { recursive: true }))

const books = readFileSync(sample('books.ndjson'))
const packed = gzipSync(books)

function given(name: string, bytes: Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

const verify = (file: string, ...more: string[]) =>
  tributary(folder, ['verify', '--offline', file, '--key', sample('keys.pem'), ...more])

it('passes what is whole, packed or not, and says what it could not look at', async () => {
  for (const bytes of [packed, books]) {
    const { code, stdout } = await verify(given('whole', bytes))
    expect({ code, stdout }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/^ok .* batches_form_an_unbroken_chain +8 checked$/m)
    expect(stdout).toMatch(/^not covered: whether books and checkpoints were cut off or made anew/m)
    expect(stdout).toContain('The books in this file are sound.')
  }
  const { code, stdout } = await verify(given('whole', packed), '--anchor', sample('anchor.jsonl'))
  expect({ code, stdout }).toMatchObject({ code: 0 })
  expect(stdout).toMatch(/^ok .* the_anchor_agrees +2 checked$/m)
  expect(stdout).not.toContain('cut off')
})

const lines = books.toString().trimEnd().split('\n')
const doctored: [string, Buffer][] = [
  ['cut short', packed.subarray(0, packed.length - 20)],
  ['cut to almost nothing', packed.subarray(0, 12)],
  ['empty', Buffer.alloc(0)],
  ['with a flipped bit', flipped(packed, 900)],
  ['without its last line', gzipSync(lines.slice(0, -1).join('\n'))],
  ['with more after the end', Buffer.concat([packed, gzipSync('{"type":"end","lines":{}}\n')])],
  ['with an amount raised', gzipSync(books.toString().replace('"amount":"100"', '"amount":"101"'))],
  ['of another kind', gzipSync('{"hello":"world"}\n')],
  ['that is no text', gzipSync(Buffer.from([0xff, 0xfe, 0x00, 0x0a]))],
]

it.each(doctored)('a file %s does not pass: exit 1, with what is wrong', async (_what, bytes) => {
  const { code, stdout, stderr } = await verify(given('doctored', bytes))
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  expect(stdout).toMatch(/^BROKEN .*/m)
  expect(stdout).toContain('THE BOOKS IN THIS FILE ARE NOT PROVED.')
})

it('names the row that is broken', async () => {
  const { stdout } = await verify(
    given('raised', gzipSync(gunzipSync(packed).toString().replace('"amount":"100"', '"amount":"101"'))),
  )
  expect(stdout).toMatch(/^BROKEN .*causes_match_their_fingerprints .*cause [0-9a-f-]{36}$/m)
})

it('without a key of this checkout, or with a file that is not there, it is bad arguments', async () => {
  copyFileSync(sample('books.ndjson'), join(folder, 'books'))
  for (const words of [
    [join(folder, 'books')],
    [join(folder, 'none'), '--key', sample('keys.pem')],
    [join(folder, 'books'), '--key', sample('keys.pem'), '--anchor', join(folder, 'none')],
  ]) {
    const { code, stderr } = await tributary(folder, ['verify', '--offline', ...words])
    expect({ code, lines: stderr.trimEnd().split('\n').length }, stderr).toEqual({ code: 2, lines: 1 })
  }
})

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at]! ^= 1
  return copy
}
