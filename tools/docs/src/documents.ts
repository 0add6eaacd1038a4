import type { ServiceName } from '@tributary/contracts'
import { deadLetterRoutes, openApi, type Route } from '@tributary/service-kit'
import { allServices } from './services.ts'

/** What a service answers over HTTP, with its OpenAPI document as `/openapi.json` has it. */
export type Described = Readonly<{ name: ServiceName; routes: readonly Route[]; document: Document }>

/** The parts of an OpenAPI document that are read here. */
export type Document = Readonly<{
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  components: Readonly<{ schemas: Readonly<Record<string, Schema>> }>
}>

export type Operation = Readonly<{
  summary: string
  description: string
  parameters: readonly Readonly<{ name: string; in: 'path' | 'query' | 'header'; required: boolean; schema: Schema }>[]
  requestBody?: Readonly<{ required: boolean; content: Content }>
  responses: Readonly<Record<string, Readonly<{ content?: Content }>>>
}>

export type Content = Readonly<
  Record<string, Readonly<{ schema: Schema; examples?: Readonly<Record<string, Readonly<{ value: unknown }>>> }>>
>

export type Schema = Readonly<{ [keyword: string]: unknown }>

/** Every service with what it can be asked, made without starting any. */
export function describeServices(): Described[] {
  return allServices().map(({ name, routes }) => {
    const all = [...routes, ...deadLetterRoutes(name)]
    return { name, routes: all, document: openApi(name, all) as unknown as Document }
  })
}

/** Each operation of a document, as `GET /api/v1/things`. */
export function operationsOf({ paths }: Document): [name: string, operation: Operation][] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  )
}
