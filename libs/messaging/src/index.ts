export { type Consumer, type Context, consume, type Decided, type Steps } from './consume.ts'
export { done, ignored, notYet, type Outcome, rejected } from './outcome.ts'
export { type Because, newPublisher, type Publication, type Publish, type Publisher } from './publish.ts'
export type { Cursor, RelayStream } from './relay-stream.ts'
