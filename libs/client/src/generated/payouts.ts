// Made from the routes by `npm run generate -w tools/docs`.
import type { RouteTraits } from '../route.ts'

/** The routes that only payouts has: what each takes, in this order, and what it gives. */
export type PayoutsRoutes = {
}

/** What has to be known to call them. */
export const payoutsRoutes: Readonly<Record<keyof PayoutsRoutes, RouteTraits>> = {
}
