import { GaveUp } from './group-commit.ts'

/** Settles as the work does, or rejects after so long: a database that does not answer keeps nobody waiting. The work goes on. */
export async function within<T>(patienceMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new GaveUp('the database took too long')), patienceMs)
  })
  try {
    return await Promise.race([work, tooLong])
  } finally {
    clearTimeout(timer)
  }
}
