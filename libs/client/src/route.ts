/** What has to be known of a route to call it: what follows the ids in its path, and how its answer comes. */
export type RouteTraits = Readonly<{
  body?: true
  /** What a body that is a string comes as. */
  textBody?: string
  query?: true
  /** Takes an `Idempotency-Key`. */
  keyed?: true
  /** The content type of an answer that is a stream of text. */
  streams?: string
}>

/** The type of a route, as the generated files have it. */
export type RouteType = { takes: readonly unknown[]; gives: unknown; csv?: true }
