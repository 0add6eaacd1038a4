export { type Consumer, type Context, consume, type Decided, type LoadContext, type Steps } from './consume.ts'
export { declareTopology } from './declare.ts'
export { INBOX_WINDOW_DAYS, withInbox } from './inbox.ts'
export { type Messaging, type MessagingOptions, startMessaging } from './messaging.ts'
export { done, ignored, notYet, type Outcome, rejected } from './outcome.ts'
export {
  discardParked,
  findParked,
  listParked,
  type ParkedFilter,
  type ParkedMessage,
  type ParkedStatus,
  parkedStatuses,
  replayParked,
  type Settlement,
} from './parked.ts'
export { type BrokerPermissions, brokerPermissions } from './permissions.ts'
export { type Because, newPublisher, type Publication, type Publish, type Publisher } from './publish.ts'
export { type Cursor, type RelayStream, streamSql } from './relay-stream.ts'
export { deadQueueOf, delayTiers, exchanges, isListening, queueOf, type Topology, topology } from './topology.ts'
