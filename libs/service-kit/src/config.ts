import { z } from 'zod'

/** Every complaint about the environment at once. Its message names variables, never their values. */
export class ConfigError extends Error {
  readonly complaints: readonly string[]

  constructor(complaints: readonly string[]) {
    super(`The configuration is not right:\n${complaints.map((line) => `  ${line}`).join('\n')}`)
    this.name = 'ConfigError'
    this.complaints = complaints
  }
}

/** Reads the variables a shape names, from the environment, keyed as they are named. An empty variable counts as absent. */
export function loadConfig<S extends z.ZodObject>(
  shape: S,
  env: Readonly<Record<string, string | undefined>> = process.env,
): z.output<S> {
  const given = Object.fromEntries(
    Object.keys(shape.shape).flatMap((name) =>
      env[name] === undefined || env[name] === '' ? [] : [[name, env[name]]],
    ),
  )
  const parsed = shape.safeParse(given)
  if (parsed.success) return parsed.data
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const name = String(issue.path[0] ?? 'the configuration')
      return given[name] === undefined && name in shape.shape ? `${name} is missing` : `${name}: ${complaint(issue)}`
    }),
  )
}

/** zod's words, except where they could repeat what was given. */
function complaint(issue: z.core.$ZodIssue): string {
  return issue.code === 'unrecognized_keys' ? 'has fields that are not known' : issue.message
}

export type Variable = Readonly<{ name: string; description: string; required: boolean; default: string }>

/** What a shape reads, for documentation. Defaults are shown, so a secret must have none. */
export function describeConfig(shape: z.ZodObject): Variable[] {
  const schema = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' })
  const required = new Set(schema.required ?? [])
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const { description = '', default: preset } = property as {
      description?: string
      default?: string | number | boolean
    }
    return {
      name,
      description,
      required: required.has(name) && preset === undefined,
      default: preset === undefined ? '' : String(preset),
    }
  })
}

/** The same as lines of an .env file. */
export function envExample(shape: z.ZodObject): string {
  return describeConfig(shape)
    .map(
      ({ name, description, required, default: preset }) =>
        `# ${description}\n${required ? '' : '# '}${name}=${preset}\n`,
    )
    .join('\n')
}

/** The variables of a shape as a Markdown table. */
export function configTable(shape: z.ZodObject): string {
  const rows = describeConfig(shape).map(
    ({ name, description, required, default: preset }) =>
      `| \`${name}\` | ${required ? 'required' : preset === '' ? '' : `\`${preset}\``} | ${description.replaceAll('|', '\\|')} |`,
  )
  return ['| variable | default | what it is |', '|---|---|---|', ...rows, ''].join('\n')
}
