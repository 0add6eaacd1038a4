import { command, usageError } from '../arguments.ts'
import { requireStack } from '../stack/client.ts'
import { exportBooks, verifyOffline } from '../stack/offline-verification.ts'
import { verifyReceipt } from '../stack/receipt-verification.ts'
import { runVerification } from '../stack/verification.ts'

const help = `
Usage: ./tributary verify
       ./tributary verify --export FILE
       ./tributary verify --offline FILE [--key FILE] [--anchor FILE]
       ./tributary verify --receipt FILE [--key FILE] [--body FILE]

Checks the books of the running stack: every check is printed with how many things it looked at. Exit 1 on any break.

  --export FILE    write all books, signed, to a gzip file
  --offline FILE   check such a file by itself: no stack, no database
  --receipt FILE   check the receipt of a webhook by itself: no stack, no database
  --body FILE      the body that the receipt should be for, byte for byte
  --key FILE       the public keys to check with, PEM; without it, this checkout's
  --anchor FILE    the anchored checkpoints: shows that nothing was cut off or made anew; without it and --key, this checkout's
`

export const verify = command({
  name: 'verify',
  summary: 'check the books, here or from an export',
  help,
  options: {
    export: { type: 'string' },
    offline: { type: 'string' },
    key: { type: 'string' },
    anchor: { type: 'string' },
    receipt: { type: 'string' },
    body: { type: 'string' },
  },
  async run({ receipt, body, ...books }) {
    if (receipt === undefined && body !== undefined) throw usageError('verify', '--body is for --receipt')
    if (receipt === undefined) return await verifyBooks(books)
    const { key, ...others } = books
    if (Object.values(others).some((value) => value !== undefined)) {
      throw usageError('verify', '--receipt goes with --key and --body only')
    }
    const given = { ...(key === undefined ? {} : { key }), ...(body === undefined ? {} : { body }) }
    return (await verifyReceipt(receipt, given)) ? 0 : 1
  },
})

type Books = Readonly<Partial<Record<'export' | 'offline' | 'key' | 'anchor', string | undefined>>>

async function verifyBooks({ export: exportTo, offline, key, anchor }: Books): Promise<number> {
  if (exportTo !== undefined && offline !== undefined) throw usageError('verify', '--export or --offline, not both')
  if (offline === undefined && (key !== undefined || anchor !== undefined)) {
    throw usageError('verify', `--${key === undefined ? 'anchor' : 'key'} is for --offline`)
  }
  if (exportTo === '' || offline === '') throw usageError('verify', 'the file has no name')
  if (exportTo !== undefined) {
    await exportBooks(requireStack(), exportTo)
    return 0
  }
  if (offline === undefined) return (await runVerification(requireStack())) ? 0 : 1
  const given = { ...(key === undefined ? {} : { key }), ...(anchor === undefined ? {} : { anchor }) }
  return (await verifyOffline(offline, given)) ? 0 : 1
}
