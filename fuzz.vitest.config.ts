import { defineConfig } from 'vitest/config'

/** What takes minutes and is run when somebody asks for it: `npm run fuzz`. Shorter runs of the same are in `io`. */
export default defineConfig({
  test: {
    include: ['services/*/test/**/*.fuzz.ts'],
    globalSetup: ['libs/testing/src/global-setup.ts'],
    hookTimeout: 60_000,
  },
})
