import { z } from 'zod'

/** Fraud needs no variables beyond those every service reads. */
export const configShape = z.object({})
