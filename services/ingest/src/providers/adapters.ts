import { githubStyle } from './github-style.ts'
import type { Provider } from './provider.ts'
import { shopify } from './shopify.ts'
import { stripe } from './stripe.ts'

/** Every adapter; each is served at `/api/v1/webhooks/<source>`, with a secret of its own. */
export const adapters: readonly Provider[] = [stripe, shopify, githubStyle]

export const adapterNames = adapters.map((adapter) => adapter.source)
