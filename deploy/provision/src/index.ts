export { type BrokerSecrets, type ProvisionBrokerOptions, provisionBroker } from './broker.ts'
export {
  databaseUrl,
  dropDatabases,
  migrationFolders,
  migrationsOf,
  type ProvisionDatabaseOptions,
  provisionDatabase,
  provisionDatabases,
} from './databases.ts'
export { type Provisioned, type ProvisionOptions, provision } from './provision.ts'
