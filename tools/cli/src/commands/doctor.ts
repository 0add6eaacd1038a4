import { command } from '../arguments.ts'
import { examine } from '../stack/examine.ts'

const help = `
Usage: ./tributary doctor

Says what is missing or wrong on this machine, and how to mend it. Changes nothing. Exit 1 when something stands in the way of
./tributary up.
`

export const doctor = command({
  name: 'doctor',
  summary: 'say what is missing or wrong on this machine, and the mend',
  help,
  options: {},
  async run() {
    const findings = await examine()
    for (const { what, found, mend, blocks } of findings) {
      const mark = mend === undefined ? 'ok  ' : blocks === true ? 'BAD ' : 'note'
      console.log(`${mark}  ${what}: ${found}${mend === undefined ? '' : `\n        mend: ${mend}`}`)
    }
    return findings.some((each) => each.blocks === true) ? 1 : 0
  },
})
