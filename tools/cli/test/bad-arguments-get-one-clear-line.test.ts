import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tributary } from './run.ts'

const home = join(tmpdir(), `tributary-never-made-${process.pid}`)

const bad: [string[], RegExp][] = [
  [['nope'], /no command "nope"/],
  [['up', '--wat'], /'--wat'/],
  [['up', 'extra'], /unexpected "extra"/],
  [['up', '--port-base', 'abc'], /--port-base .*"abc"/],
  [['up', '--port-base', '80'], /--port-base .*"80"/],
  [['down', '--purge=yes'], /--purge/],
  [['status', 'ledger'], /unexpected "ledger"/],
  [['test', 'unit'], /no group "unit"/],
  [['send'], /too few arguments/],
  [['send', 'user.registered'], /--data is missing/],
  [['send', 'user.registered', '--data', '[1]'], /not a JSON object/],
  [['send', 'user.registered', '--data', '{}', '--count', '2', '--id', 'a'], /--id .*--count/],
  [['token', '--scope', 'everything'], /no scope "everything"/],
  [['verify', '--offline', 'books.gz'], /no public key in .*--key FILE/],
  [['verify', '--offline', 'books.gz', '--key', 'package.json'], /package.json holds no Ed25519 public keys/],
  [['verify', '--export', 'a', '--offline', 'a'], /not both/],
  [['verify', '--key', 'a'], /--key is for --offline/],
  [['verify', '--offline', '', '--anchor', 'a'], /no name/],
  [['verify', '--body', 'a'], /--body is for --receipt/],
  [['verify', '--receipt', 'a', '--offline', 'b'], /--receipt goes with/],
  [['verify', '--receipt', 'a', '--key', 'nowhere.pem'], /no file nowhere.pem/],
  [['journal'], /--export FILE is needed/],
  [['journal', '--export', 'a', '--from', 'yesterday'], /--from is no time/],
  [['rebuild', '--apply'], /'--apply'/],
  [['reseal', 'ingest'], /unexpected "ingest"/],
  [['dead-letters', 'burn'], /"burn"/],
  [['dead-letters', 'list', '--service', 'billing'], /no service "billing"/],
  [['replay', '--from', '2026-03-01'], /--to is missing/],
  [['replay', '--from', 'yesterday', '--to', '2026-03-01'], /--from .*"yesterday"/],
  [['replay', '--from', '2026-03-02', '--to', '2026-03-01'], /--to must be after --from/],
  [['replay', '--from', '2026-03-01', '--to', '2026-03-02', '--rate', '0'], /--rate .*"0"/],
  [['bench', 'everything'], /no scenario "everything"/],
]

describe.concurrent('bad arguments', () => {
  it.each(bad)('%j: exit 2, one line on stderr, nothing done', async (words, line) => {
    const { code, stdout, stderr } = await tributary(home, words)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(stderr).toMatch(line)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(existsSync(home)).toBe(false)
  })
})

it('a home that cannot be made costs one line, not a stack trace', async () => {
  const { code, stderr } = await tributary(join(process.execPath, 'home'), ['up', '--detach'])
  expect(code).toBe(1)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(stderr).toMatch(/ENOTDIR/)
})

it('is found by a link from elsewhere', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-link-'))
  try {
    symlinkSync(fileURLToPath(new URL('../../../tributary', import.meta.url)), join(folder, 'linked'))
    expect(execFileSync(join(folder, 'linked'), ['status', '--help'], { encoding: 'utf8' })).toMatch(/^Usage:/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

describe.concurrent('--help', () => {
  it.each([
    'up',
    'down',
    'status',
    'test',
    'send',
    'token',
    'verify',
    'rebuild',
    'reseal',
    'dead-letters',
    'replay',
    'journal',
    'doctor',
  ])('%s --help says how, and does nothing', async (name) => {
    const { code, stdout } = await tributary(home, [name, '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^Usage: ./tributary ${name}`))
    expect(existsSync(home)).toBe(false)
  })
})
