import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { command, usageError } from '../arguments.ts'
import { prepareHome } from '../places.ts'
import { installRabbit } from '../stack/install-rabbit.ts'
import { ensureNodeModules } from '../stack/node-modules.ts'
import { planRabbit } from '../stack/rabbit-plan.ts'
import { announceRabbit } from '../stack/servers.ts'
import { add, type Counts, noCounts, runChecks, runVitest } from '../stack/test-run.ts'

const help = `
Usage: ./tributary test [pure|io|journeys|browser] [--no-install]

Installs what is missing (npm packages, RabbitMQ) and runs everything: format, lint and types, then every test. With a group: only the
tests of that group. The last line is "N passed, N failed, N skipped"; a check counts as one. Exit 1 when anything failed.

  pure       beside the code; needs nothing
  io         a real PostgreSQL and a real RabbitMQ, started for the run
  journeys   all services, from a webhook to the books
  browser    the console in a browser (none yet)

TEST_DATABASE_URL, TEST_AMQP_URL: use those servers instead of starting some.
`

const groups = ['pure', 'io', 'journeys', 'browser']

export const test = command({
  name: 'test',
  summary: 'install what is missing and run the tests',
  help,
  options: { 'no-install': { type: 'boolean', default: false } },
  positionals: { min: 0, max: 1 },
  async run({ 'no-install': noInstall }, [group]) {
    if (group !== undefined && !groups.includes(group)) {
      throw usageError('test', `there is no group "${group}": one of ${groups.join(', ')}`)
    }
    ensureNodeModules(!noInstall)
    let counts: Counts = noCounts
    if (group === 'browser') {
      console.log('There are no browser tests yet: they come with the console.')
    } else {
      if (group !== 'pure') await ensureBroker(!noInstall)
      if (group === undefined) counts = add(counts, await runChecks())
      counts = add(counts, await inScratch((folder) => runVitest(group, folder)))
    }
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
    return counts.failed === 0 ? 0 : 1
  },
})

/** The tests start their own broker; here we only see to it that there is one to start. */
async function ensureBroker(mayInstall: boolean): Promise<void> {
  if (process.env.TEST_AMQP_URL !== undefined) return
  const plan = await planRabbit(mayInstall, { ...process.env, AMQP_URL: '' })
  if (plan.kind !== 'install') return
  console.log(announceRabbit(plan))
  prepareHome()
  await installRabbit(plan.sudo)
}

async function inScratch<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-test-'))
  try {
    return await run(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
