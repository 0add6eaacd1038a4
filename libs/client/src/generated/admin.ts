// Made from the routes by `npm run generate -w tools/docs`.
import type { RouteTraits } from '../route.ts'

/** The routes that only admin has: what each takes, in this order, and what it gives. */
export type AdminRoutes = {
  /** Get a bearer token with client credentials. No token: the client authenticates with its secret */
  'POST /oauth/token': {
    takes: [body: string]
    gives: {
      access_token: string
      token_type: 'Bearer'
      expires_in: number
      scope: string
    }
  }
  /** The keys that tokens are signed with. No token: public keys are for everyone */
  'GET /.well-known/jwks.json': {
    takes: []
    gives: {
      keys: readonly {
        kty: string
        crv: string
        x: string
        y: string
        kid: string
        alg: string
        use: string
      }[]
    }
  }
}

/** What has to be known to call them. */
export const adminRoutes: Readonly<Record<keyof AdminRoutes, RouteTraits>> = {
  'POST /oauth/token': { body: true, textBody: 'application/x-www-form-urlencoded' },
  'GET /.well-known/jwks.json': {},
}
