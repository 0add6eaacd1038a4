import { defineConfig } from 'vitest/config'

/**
 * pure      beside the code it tests; needs nothing, all of it in under 5 s
 * io        a real PostgreSQL and a real RabbitMQ
 * journeys  all services, from a webhook to the books
 */
export default defineConfig({
  test: {
    // Tests of io and journeys mostly wait for servers; one worker a core keeps a small machine busy, not more than busy.
    maxWorkers: '100%',
    projects: [
      { test: { name: 'pure', include: ['{libs,services,tools,deploy}/**/src/**/*.test.ts'], isolate: false } },
      {
        test: {
          name: 'io',
          include: ['{libs,services}/*/test/**/*.test.ts', '{tools,deploy}/*/test/**/*.test.ts'],
          globalSetup: ['libs/testing/src/global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'journeys',
          include: ['journeys/**/*.test.ts'],
          globalSetup: ['libs/testing/src/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
