type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown

/** Reads JSON; an integer beyond 2^53 - 1, such as a sum over many users, becomes a bigint, so that no digit is lost. */
export function readJson(text: string): unknown {
  // Reviving costs several times more than parsing, and almost no answer has a number that long.
  return /\d{16}/.test(text)
    ? JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown)
    : JSON.parse(text)
}

const keepDigits: Reviver = (_key, value, { source = '' } = {}) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value

/** Writes JSON; a bigint as the number it is. */
export function writeJson(value: unknown): string {
  // In every V8 since 11.4; TypeScript does not know it yet.
  const raw = JSON as unknown as { rawJSON(text: string): unknown }
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? raw.rawJSON(String(part)) : part))
}
