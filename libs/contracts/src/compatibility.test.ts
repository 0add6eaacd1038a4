import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type EventDefinition, isOfKind } from './event.ts'
import * as contracts from './index.ts'

/*
 * Payloads as they were once published. They wait in queues, journals and parked messages, so every later version
 * must read them and write them back unchanged. A recorded file is never edited; a change that needs one is a new event.
 */
const folder = fileURLToPath(new URL('./recorded/', import.meta.url))
const recorded = readdirSync(folder).map((file) => ({ file, type: file.replace(/\.v\d+\.json$/, '') }))
const definitions = (Object.values(contracts) as readonly unknown[]).filter(isDefinition)

function isDefinition(value: unknown): value is EventDefinition {
  return typeof value === 'object' && value !== null && 'data' in value && 'description' in value
}

describe('a payload recorded earlier', () => {
  it.each(recorded)('$file is still read, and written back the same', ({ file, type }) => {
    const definition = definitions.find((one) => isOfKind(type, one.type))
    const payload: unknown = JSON.parse(readFileSync(folder + file, 'utf8'))
    const read = definition?.data.parse(payload)
    expect(definition?.data.encode(read)).toEqual(payload)
  })
})

it('every event has a recorded payload', () => {
  const without = definitions.filter(({ type }) => !recorded.some((one) => isOfKind(one.type, type)))
  expect(without.map(({ type }) => type)).toEqual([])
})
