import type { Examples } from '@tributary/service-kit'

/** Of asking for a token. */
export const tokenExamples: Examples = {
  body: {
    'With HTTP Basic': 'grant_type=client_credentials&scope=users%3Aread%20ledger%3Aread',
    'With the secret in the form': 'grant_type=client_credentials&client_id=shop&client_secret=0123456789abcdef',
  },
  answers: {
    200: {
      'A quarter of an hour': {
        access_token: 'eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl',
        token_type: 'Bearer',
        expires_in: 900,
        scope: 'users:read ledger:read',
      },
    },
    401: {
      'A wrong secret': {
        error: 'invalid_client',
        error_description: 'the client is unknown or its secret is wrong',
      },
    },
  },
}
