import { expect, test } from 'vitest'
import { continueTrace, formatTraceparent, parseTraceparent } from './traceparent.ts'

const good = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

test('a good traceparent survives reading and writing', () => {
  expect(formatTraceparent(parseTraceparent(good)!)).toBe(good)
})

test.each([
  ['absent', undefined],
  ['empty', ''],
  ['upper case', good.toUpperCase()],
  ['a trace of zeros', '00-00000000000000000000000000000000-00f067aa0ba902b7-01'],
  ['a parent of zeros', '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01'],
  ['the forbidden version', good.replace(/^00/, 'ff')],
  ['more than version 00 has', `${good}-more`],
  ['cut short', good.slice(0, -1)],
])('a malformed traceparent is no traceparent: %s', (_name, header) => {
  expect(parseTraceparent(header)).toBeNull()
})

test('a step keeps the trace and gets an id of its own; without a header it starts a trace', () => {
  const step = continueTrace(good)
  expect(step.traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
  expect(step.parentId).not.toBe('00f067aa0ba902b7')
  expect(parseTraceparent(formatTraceparent(continueTrace('rubbish')))).not.toBeNull()
})
