import { type Command, Failure, UsageError } from './arguments.ts'

/** Loaded only when asked for: `status` should not pay for what `up` needs. */
const commands: Record<string, { summary: string; load: () => Promise<Command> }> = {
  up: { summary: 'set everything up and start it', load: async () => (await import('./commands/up.ts')).up },
  down: { summary: 'stop what up started', load: async () => (await import('./commands/down.ts')).down },
  status: { summary: 'say what runs where', load: async () => (await import('./commands/status.ts')).status },
  test: {
    summary: 'install what is missing and run the tests',
    load: async () => (await import('./commands/test.ts')).test,
  },
  send: { summary: 'sign and send a webhook', load: async () => (await import('./commands/send.ts')).send },
  token: {
    summary: 'print a bearer token for the local stack',
    load: async () => (await import('./commands/token.ts')).token,
  },
  verify: { summary: 'check the books', load: async () => (await import('./commands/verify.ts')).verify },
  rebuild: {
    summary: 'compute balances anew and show what differs',
    load: async () => (await import('./commands/rebuild.ts')).rebuild,
  },
  'dead-letters': {
    summary: 'list, show, replay or discard parked messages',
    load: async () => (await import('./commands/dead-letters.ts')).deadLetters,
  },
  replay: {
    summary: 'publish journaled webhooks again',
    load: async () => (await import('./commands/replay.ts')).replay,
  },
  reseal: {
    summary: 'seal every secret anew with the first key of SECRETS_KEY',
    load: async () => (await import('./commands/reseal.ts')).reseal,
  },
  journal: {
    summary: 'write journaled webhooks to a file',
    load: async () => (await import('./commands/journal.ts')).journal,
  },
  bench: { summary: 'run the benchmarks', load: async () => (await import('./commands/bench.ts')).bench },
  doctor: {
    summary: 'say what is missing or wrong on this machine, and the mend',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
}

function help(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: ./tributary COMMAND [OPTIONS]\n\n${lines.join('\n')}\n\n./tributary COMMAND --help says more.\n`
}

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(help())
    return name === undefined ? 2 : 0
  }
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (found === undefined) throw new UsageError(`tributary: there is no command "${name}" (see ./tributary --help)`)
  return (await found.load()).run(rest)
}

/** A full disk, a read-only or foreign folder: the machine's doing, of which a stack trace tells nothing. */
function isFromFileSystem(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && 'path' in error
}

// A reader that goes away (`| head`) must not kill a supervisor in the middle of its work.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof UsageError) {
    console.error(error.message)
    process.exitCode = 2
  } else if (error instanceof Failure) {
    console.error(error.message)
    process.exitCode = error.exitCode
  } else if (isFromFileSystem(error)) {
    console.error(`tributary: ${error.message}`)
    process.exitCode = 1
  } else {
    console.error(error)
    process.exitCode = 1
  }
}
// Keep-alive connections of fetch would hold the process for seconds.
if (process.exitCode !== undefined) process.exit(process.exitCode)
