import { newLogger } from '@tributary/observability'
import { expect, test } from 'vitest'
import { newLifecycle, within } from './lifecycle.ts'

const silent = newLogger('rewards', 'silent')

test('what was done is undone, last first, once, whoever asks', async () => {
  const lifecycle = newLifecycle(silent)
  const undone: string[] = []
  lifecycle.defer('database', () => undone.push('database'))
  lifecycle.defer('http', async () => {
    await Promise.resolve()
    undone.push('http')
  })
  const [first, second] = await Promise.all([lifecycle.stop(), lifecycle.stop()])
  expect(undone).toEqual(['http', 'database'])
  expect([first, second]).toEqual([[], []])
})

test('a step that fails is named and keeps no other from being undone', async () => {
  const lifecycle = newLifecycle(silent)
  const undone: string[] = []
  lifecycle.defer('database', () => undone.push('database'))
  lifecycle.defer('broker', () => Promise.reject(new Error('gone')))
  expect(await lifecycle.stop()).toEqual(['broker'])
  expect(undone).toEqual(['database'])
})

test('waiting ends with the work or with the time, whichever comes first', async () => {
  expect(await within(1_000, Promise.resolve())).toBe(true)
  expect(await within(5, new Promise(() => {}))).toBe(false)
  await expect(within(1_000, Promise.reject(new Error('x')))).rejects.toThrow('x')
})
