import { type ParseArgsConfig, parseArgs } from 'node:util'

/** The caller asked for something that is not there: exit 2 and this one line. */
export class UsageError extends Error {}

/** Something cannot work as the machine or the stack is: exit 1 and this text, without a stack trace. */
export class Failure extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** What was refused because `--no-install` was given. */
export const refusedToInstall = 3

export type Options = NonNullable<ParseArgsConfig['options']>
export type Values<O extends Options> = ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>>['values']

export interface Command {
  readonly name: string
  readonly summary: string
  run(words: readonly string[]): Promise<number>
}

/** Declares one command. `--help` and bad arguments are answered here, so `run` sees only what it declared. */
export function command<const O extends Options>(definition: {
  name: string
  summary: string
  /** Everything after `--help`, the first line being the usage. */
  help: string
  options: O
  positionals?: { min: number; max: number }
  run(values: Values<O>, positionals: readonly string[]): Promise<number>
}): Command {
  const { name, summary, help } = definition
  return {
    name,
    summary,
    async run(words) {
      if (words.includes('--help') || words.includes('-h')) {
        console.log(`${help.trim()}\n`)
        return 0
      }
      const { values, positionals } = parse(definition.name, words, definition.options)
      const { min, max } = definition.positionals ?? { min: 0, max: 0 }
      if (positionals.length > max) throw usageError(name, `unexpected "${positionals[max]}"`)
      if (positionals.length < min) throw usageError(name, 'too few arguments')
      return definition.run(values, positionals)
    },
  }
}

/** One clear line, with the way to the rest. */
export function usageError(name: string, problem: string): UsageError {
  return new UsageError(`tributary ${name}: ${problem} (see ./tributary ${name} --help)`)
}

function parse<const O extends Options>(name: string, words: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw usageError(name, firstSentence(message))
  }
}

/** parseArgs explains at length, over several sentences; the first one names the culprit. */
function firstSentence(message: string): string {
  const sentence = message.split(/\.(\s|$)/)[0] ?? message
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}

/** A whole number within bounds, or a usage error that names the option. */
export function wholeNumber(name: string, option: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw usageError(name, `--${option} must be a whole number from ${min} to ${max}, not "${text}"`)
  }
  return value
}
