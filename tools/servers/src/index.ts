export { newSecret, readJson, tail, writeJson } from './files.ts'
export { describeHolder, freePorts, isPortFree, type PortHolder, whoHolds } from './ports.ts'
export { type PostgresOptions, type RunningPostgres, startPostgres, stopPostgres } from './postgres.ts'
export { removePostgres } from './postgres-place.ts'
export {
  commandLine,
  identify,
  isRunning,
  leash,
  type ProcessIdentity,
  signal,
  stopProcess,
  waitUntilGone,
  workingDirectory,
} from './process.ts'
export { type RabbitOptions, type RunningRabbit, removeRabbit, startRabbit, stopRabbit } from './rabbit.ts'
export { findEpmd, findRabbit, rabbitVersion } from './rabbit-binary.ts'
