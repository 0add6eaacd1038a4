import { expect, it } from 'vitest'
import { decideActivation, type VersionLife } from './rule-life.ts'

const draft = (version: number): VersionLife => ({
  version,
  state: 'draft',
  activeFromMs: null,
  activeToMs: null,
  trials: [],
})
const active = (version: number, from: number): VersionLife => ({
  version,
  state: 'active',
  activeFromMs: from,
  activeToMs: null,
  trials: [],
})
const closed = (version: number, from: number, to: number): VersionLife => ({
  ...active(version, from),
  state: 'retired',
  activeToMs: to,
})

it.each([
  ['a first draft counts from then on', [draft(1)], 1, 100, false, { kind: 'activate', closes: null }],
  ['the next version takes over', [active(1, 100), draft(2)], 2, 200, false, { kind: 'activate', closes: 1 }],
  ['a closed version stays closed', [closed(1, 100, 150), draft(2)], 2, 200, false, { kind: 'activate', closes: null }],
  ['a draft may be skipped', [active(1, 100), draft(2), draft(3)], 3, 200, false, { kind: 'activate', closes: 1 }],
  ['an unknown version is not found', [draft(1)], 2, 100, false, { kind: 'unknown' }],
  [
    'a retired rule stays retired',
    [draft(1)],
    1,
    100,
    true,
    { kind: 'refused', why: expect.stringContaining('retired') },
  ],
  ['a version starts once', [active(1, 100)], 1, 200, false, { kind: 'refused', why: 'version 1 is active already' }],
  [
    'what counted is not rewritten',
    [active(1, 100), draft(2)],
    2,
    100,
    false,
    { kind: 'refused', why: expect.stringContaining('must start after') },
  ],
] as const)('%s', (_, versions, version, from, isRetired, expected) => {
  expect(decideActivation(versions as readonly VersionLife[], version, from, isRetired)).toEqual(expected)
})
