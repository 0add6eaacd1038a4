import { afterAll, onTestFinished } from 'vitest'

type Undo = () => unknown

const ofThisFile: Undo[] = []

// Importing this library is enough for a test file to be left as it was found.
afterAll(async () => {
  const failures: unknown[] = []
  for (let step = ofThisFile.pop(); step !== undefined; step = ofThisFile.pop()) {
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'something could not be undone')
}, 60_000)

/** Undoes something when the test ends that it was done in; done outside a test, when the file ends. Last done, first undone. */
export function defer(undo: Undo): void {
  try {
    onTestFinished(async () => void (await undo()))
  } catch {
    ofThisFile.push(undo)
  }
}
