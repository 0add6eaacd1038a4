import { existsSync } from 'node:fs'
import type { BrokerAddress, Started } from './servers.ts'

/** Images that a machine with Docker is likely to have; nothing is ever pulled. */
const postgresImage = process.env.TRIBUTARY_TEST_POSTGRES_IMAGE ?? 'postgres:18'
const rabbitImage = process.env.TRIBUTARY_TEST_RABBITMQ_IMAGE ?? 'rabbitmq:4-management'

type Containers = Readonly<{ postgres: Started<string>; rabbit: Started<BrokerAddress> }>

/**
 * A PostgreSQL and a RabbitMQ in containers; null where no Docker engine answers or an image is not there.
 * A machine without a registry has no image of the cleaner that testcontainers would start: TESTCONTAINERS_RYUK_DISABLED=true.
 */
export async function startContainers(onProgress: (line: string) => void): Promise<Containers | null> {
  // Loading testcontainers takes a second, which most machines can save.
  if (!process.env.DOCKER_HOST && !existsSync('/var/run/docker.sock')) return null
  const { GenericContainer, Wait, getContainerRuntimeClient, ImageName } = await import('testcontainers')
  try {
    const client = await getContainerRuntimeClient()
    for (const image of [postgresImage, rabbitImage]) {
      if (!(await client.image.exists(ImageName.fromString(image)))) {
        onProgress(`Docker answers, but has no image ${image}: using this machine's own binaries`)
        return null
      }
    }
  } catch {
    return null
  }
  const password = 'tests-only'
  const [postgres, rabbit] = await Promise.all([
    new GenericContainer(postgresImage)
      .withEnvironment({ POSTGRES_PASSWORD: password })
      .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=300', '-c', 'max_locks_per_transaction=256'])
      .withExposedPorts(5432)
      // It starts twice: once to initialise.
      .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
      .start(),
    new GenericContainer(rabbitImage)
      .withEnvironment({ RABBITMQ_DEFAULT_USER: 'tests', RABBITMQ_DEFAULT_PASS: password })
      .withExposedPorts(5672, 15672)
      .withWaitStrategy(Wait.forListeningPorts())
      .start(),
  ])
  const amqpUrl = `amqp://tests:${password}@${rabbit.getHost()}:${rabbit.getMappedPort(5672)}/%2F`
  const managementUrl = `http://${rabbit.getHost()}:${rabbit.getMappedPort(15672)}`
  return {
    postgres: {
      address: `postgres://postgres:${password}@${postgres.getHost()}:${postgres.getMappedPort(5432)}/postgres`,
      undo: async () => void (await postgres.stop()),
    },
    rabbit: { address: { amqpUrl, managementUrl }, undo: async () => void (await rabbit.stop()) },
  }
}
