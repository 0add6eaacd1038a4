import { expect, it } from 'vitest'
import { intervalStart, isTimeZone } from './calendar.ts'

const at = (text: string) => Date.parse(text)

it.each([
  ['a day in UTC', 'day', '2026-05-31T23:59:59.999Z', 'UTC', '2026-05-31T00:00:00Z'],
  ['a day in UTC at its first instant', 'day', '2026-06-01T00:00:00Z', 'UTC', '2026-06-01T00:00:00Z'],
  ['a month in UTC', 'month', '2026-02-28T23:00:00Z', 'UTC', '2026-02-01T00:00:00Z'],
  ['a day before 1970', 'day', '1969-12-31T12:00:00Z', 'UTC', '1969-12-31T00:00:00Z'],
  ['ever', 'total', '2026-02-28T23:00:00Z', 'Asia/Tokyo', '1970-01-01T00:00:00Z'],
  ['a day in Tokyo', 'day', '2026-05-31T15:00:00Z', 'Asia/Tokyo', '2026-05-31T15:00:00Z'],
  ['the day before it in Tokyo', 'day', '2026-05-31T14:59:59Z', 'Asia/Tokyo', '2026-05-30T15:00:00Z'],
  ['a month in Berlin, in summer', 'month', '2026-07-31T21:59:59Z', 'Europe/Berlin', '2026-06-30T22:00:00Z'],
  ['the next month in Berlin', 'month', '2026-07-31T22:00:00Z', 'Europe/Berlin', '2026-07-31T22:00:00Z'],
  ['the day clocks go forward in Berlin', 'day', '2026-03-29T12:00:00Z', 'Europe/Berlin', '2026-03-28T23:00:00Z'],
  ['the day clocks go back in Berlin', 'day', '2026-10-25T22:30:00Z', 'Europe/Berlin', '2026-10-24T22:00:00Z'],
  ['a day in Kathmandu', 'day', '2026-05-31T18:15:00Z', 'Asia/Kathmandu', '2026-05-31T18:15:00Z'],
  // In 2018 midnight did not exist in Sao Paulo on 4 November; the day began at one.
  ['a day without midnight', 'day', '2018-11-04T12:00:00Z', 'America/Sao_Paulo', '2018-11-04T03:00:00Z'],
] as const)('%s begins', (_, interval, time, zone, start) => {
  expect(new Date(intervalStart(interval, at(time), zone))).toEqual(new Date(start))
})

it('knows time zones by name', () => {
  expect(['UTC', 'Europe/Berlin', 'Mars/Olympus', ''].map(isTimeZone)).toEqual([true, true, false, false])
})
