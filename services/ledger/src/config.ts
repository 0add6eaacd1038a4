import { z } from 'zod'

/** The ledger needs no variables beyond those every service reads. */
export const configShape = z.object({})
