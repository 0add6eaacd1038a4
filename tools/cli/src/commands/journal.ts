import { command, usageError } from '../arguments.ts'
import { requireStack } from '../stack/client.ts'
import { exportJournal } from '../stack/journal-export.ts'

const help = `
Usage: ./tributary journal --export FILE [--from TIME] [--to TIME]

Writes the webhooks that the running stack received to a gzip file, one JSON object a line, bodies as they came, with what
became of each. docs/journal.md says what is in it.

  --export FILE   the file to write; complete or not there at all
  --from TIME     received at this time or later, such as 2026-03-01T00:00:00Z (default: the beginning)
  --to TIME       received before this time (default: now)
`

export const journal = command({
  name: 'journal',
  summary: 'write journaled webhooks to a file',
  help,
  options: { export: { type: 'string' }, from: { type: 'string' }, to: { type: 'string' } },
  async run({ export: file, from = '1970-01-01T00:00:00Z', to = new Date().toISOString() }) {
    if (file === undefined || file === '') throw usageError('journal', '--export FILE is needed')
    for (const [name, time] of Object.entries({ from, to })) {
      if (Number.isNaN(Date.parse(time)))
        throw usageError('journal', `--${name} is no time such as 2026-03-01T00:00:00Z`)
    }
    const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
    if (range.to <= range.from) throw usageError('journal', '--to must be after --from')
    const events = await exportJournal(requireStack(), file, range)
    console.log(`wrote ${events} events to ${file}`)
    return 0
  },
})
