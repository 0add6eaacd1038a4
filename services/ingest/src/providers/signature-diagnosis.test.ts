import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { findDifference } from './signature-diagnosis.ts'
import { newSecret, parseSecret } from './standard-webhooks.ts'

const secret = newSecret()
const keys = [parseSecret(newSecret())!, parseSecret(secret)!]
const sent = '{"type": "a.b", "data": {}}'

function diagnose(signedBody: string, key: string | Buffer = Buffer.from(secret.slice(6), 'base64')) {
  const signature = createHmac('sha256', key).update(`msg_1.1614265330.${signedBody}`).digest('base64')
  const headers = { id: 'msg_1', timestamp: 1614265330, timestampText: '1614265330', signatures: [signature] }
  const { secret: secretFinding, body } = findDifference(keys, headers, Buffer.from(sent))
  return [secretFinding, body]
}

it.each([
  ['the body as it was sent', sent, ['matches', 'matches']],
  ['the body before it was written anew', JSON.stringify(JSON.parse(sent)), ['matches', 'does not match']],
  ['the body with indents', JSON.stringify(JSON.parse(sent), null, 2), ['matches', 'does not match']],
  ['the body with a line break', `${sent}\n`, ['matches', 'does not match']],
  ['nothing', '', ['matches', 'does not match']],
  ['something else', '{"type":"c.d"}', ['unknown', 'unknown']],
])('when %s was signed', (_, signedBody, findings) => expect(diagnose(signedBody)).toEqual(findings))

it('when the text of the secret was the key', () => {
  expect(diagnose(sent, secret)).toEqual(['does not match', 'matches'])
})

it('when another secret was', () => expect(diagnose(sent, newSecret())).toEqual(['unknown', 'unknown']))
