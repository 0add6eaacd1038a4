import { Failure } from '../arguments.ts'

const schemes: Readonly<Record<string, readonly string[]>> = {
  DATABASE_URL: ['postgres:', 'postgresql:'],
  AMQP_URL: ['amqp:', 'amqps:'],
  AMQP_MANAGEMENT_URL: ['http:', 'https:'],
}

/** Refuses a server URL that is none before anything is started; it never prints it, as it holds a password. */
export function requireGivenUrls(env: NodeJS.ProcessEnv = process.env): void {
  for (const [name, allowed] of Object.entries(schemes)) {
    const text = env[name]
    if (text === undefined || text === '') continue
    if (!URL.canParse(text) || !allowed.includes(new URL(text).protocol)) {
      throw new Failure(`${name} is not a URL that starts with ${allowed.map((scheme) => `${scheme}//`).join(' or ')}`)
    }
  }
}
