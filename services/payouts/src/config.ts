import { z } from 'zod'

/** Payouts needs no variables beyond those every service reads. */
export const configShape = z.object({})
