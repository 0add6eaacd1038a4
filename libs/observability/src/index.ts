export {
  type Bounded,
  type BoundedCounter,
  type BoundedGauge,
  type BoundedHistogram,
  type LabelValues,
  newCounter,
  newGauge,
  newHistogram,
} from './instruments.ts'
export { type Logger, type LogLevel, newLogger, newWideLine, type WideLine } from './log.ts'
export { describeError } from './log-fields.ts'
export { circuitStates, type Metrics, newMetrics } from './metrics.ts'
export { continueTrace, formatTraceparent, parseTraceparent, type TraceContext } from './traceparent.ts'
