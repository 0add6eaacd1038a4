import { readJson } from './json.ts'

/** The lines of a text that comes in pieces, without their ends. Nothing is held but the piece and the line at hand. */
export async function* readLines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
  }
  if (rest !== '') yield rest
}

/** The values of a text with one JSON value a line. */
export async function* readJsonLines(chunks: AsyncIterable<string>): AsyncGenerator<unknown> {
  for await (const line of readLines(chunks)) if (line !== '') yield readJson(line)
}
