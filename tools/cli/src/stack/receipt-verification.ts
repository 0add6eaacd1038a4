import { existsSync, readFileSync } from 'node:fs'
import type { Receipt } from '@tributary/ingest'
import { usageError } from '../arguments.ts'
import { places } from '../places.ts'

/** Checks a receipt by itself, and the body it should be for; prints what it proves or why it does not. True: it proves it. */
export async function verifyReceipt(file: string, given: { key?: string; body?: string }): Promise<boolean> {
  const { faultsOfReceipt, readPublicKeys } = await import('@tributary/ingest')
  const keyFile = given.key ?? places.ingestPublicKeys
  const keys = readPublicKeys(read(keyFile, 'give --key FILE').toString('utf8'))
  if (keys === null) throw usageError('verify', `${keyFile} holds no Ed25519 public keys in PEM`)
  const body = given.body === undefined ? undefined : read(given.body, 'see --body')
  const receipt = parse(read(file, 'see --receipt').toString('utf8'))
  const faults = faultsOfReceipt(receipt, keys, body)
  if (faults.length > 0) {
    for (const fault of faults) console.log(fault)
    console.log('\nTHIS RECEIPT PROVES NOTHING.')
    return false
  }
  const { statement, webhookId, receivedAt } = receipt as Receipt
  console.log(statement)
  const which = body === undefined ? 'A body with this SHA-256' : `The body in ${given.body}`
  console.log(`${which} was accepted as webhook ${webhookId} at ${receivedAt}, says the key in ${keyFile}.`)
  return true
}

function read(file: string, hint: string): Buffer {
  if (!existsSync(file)) throw usageError('verify', `there is no file ${file}; ${hint}`)
  return readFileSync(file)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
