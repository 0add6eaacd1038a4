import { asyncApi } from './asyncapi.ts'

/** The documents that are made from the code, each by a function that answers what the file should say. */
export const generated: Readonly<Record<string, () => string>> = {
  'docs/asyncapi.yaml': asyncApi,
}
