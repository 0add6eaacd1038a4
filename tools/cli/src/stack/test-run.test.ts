import { expect, it } from 'vitest'
import { countReport } from './test-run.ts'

const file = (status: string, ...statuses: string[]) => ({
  name: 'a.test.ts',
  status,
  assertionResults: statuses.map((each) => ({ status: each })),
})

it('counts tests, and a file that could not be loaded as one failed', () => {
  const report = {
    success: false,
    testResults: [
      file('passed', 'passed', 'passed', 'pending', 'todo'),
      file('failed', 'failed', 'passed'),
      file('failed'),
    ],
  }
  expect(countReport(report, 1)).toEqual({ passed: 3, failed: 2, skipped: 2 })
})

it('never calls a run good that vitest calls bad', () => {
  expect(countReport({ success: true, testResults: [file('passed', 'passed')] }, 1)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
  })
  expect(countReport({ success: true, testResults: [file('passed', 'passed')] }, 0)).toEqual({
    passed: 1,
    failed: 0,
    skipped: 0,
  })
})
