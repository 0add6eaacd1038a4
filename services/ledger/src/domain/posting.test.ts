import { expect, test } from 'vitest'
import { play, tidy } from '../../test/table.ts'

/** Plays a table and expects it to end as it says. */
const check = (table: string) => expect(play(table)).toBe(tidy(table))

test('what is earned waits, and becomes available when it is released', () => {
  check(`
    earn R1 ann 100       posted
    balance ann pending 100 available 0 owed 0 earned 100
    release R1 ann 100    posted
    balance ann pending 0 available 100 owed 0 earned 100
  `)
})

test('a release hands over what is left, and at most what was asked for', () => {
  check(`
    earn R1 ann 100       posted
    reverse R1 ann 30     posted
    release R1 ann 100    posted
    balance ann pending 0 available 70 owed 0 earned 70
    earn R2 ann 100       posted
    release R2 ann 60     posted
    balance ann pending 40 available 130 owed 0 earned 170
  `)
})

test('a reversal takes pending money first, then available money', () => {
  check(`
    earn R1 ann 100       posted
    release R1 ann 60     posted
    reverse R1 ann 50     posted
    balance ann pending 0 available 50 owed 0 earned 50
  `)
})

test('a reversal takes no more than the reward has left', () => {
  check(`
    earn R1 ann 100       posted
    earn R2 ann 100       posted
    reverse R1 ann 150    posted
    balance ann pending 100 available 0 owed 0 earned 100
    reverse R1 ann 1      nothing_left_to_reverse
    balance ann pending 100 available 0 owed 0 earned 100
  `)
})

test('what was spent before it was taken back is owed, and later releases pay it first', () => {
  check(`
    earn R1 ann 100       posted
    release R1 ann 100    posted
    spend ann 80
    reverse R1 ann 100    posted
    balance ann pending 0 available 0 owed 80 earned 0
    earn R2 ann 50        posted
    balance ann pending 50 available 0 owed 80 earned 50
    release R2 ann 50     posted
    balance ann pending 0 available 0 owed 30 earned 50
    earn R3 ann 50        posted
    release R3 ann 50     posted
    balance ann pending 0 available 20 owed 0 earned 100
  `)
})

test('a release or a reversal that overtakes its earning waits for it, and nothing of it is kept', () => {
  check(`
    release R1 ann 100 as C1   reward_not_granted_yet
    reverse R1 ann 40 as C2    reward_not_granted_yet
    earn R1 ann 100            posted
    reverse R1 ann 40 as C2    posted
    release R1 ann 100 as C1   posted
    balance ann pending 0 available 60 owed 0 earned 60
  `)
})

test('the same cause again changes nothing; with other content it is a conflict, told once', () => {
  check(`
    earn R1 ann 100 as C1    posted
    earn R1 ann 100 as C1    already_answered
    earn R1 ann 120 as C1    conflict
    earn R1 ann 120 as C1    already_answered
    earn R1 ann 130 as C1    conflict
    earn R1 ann 100 as C1    already_answered
    balance ann pending 100 available 0 owed 0 earned 100
  `)
})

test('a refusal is frozen: what would succeed by now is still refused under its cause', () => {
  check(`
    earn R1 ann 100          posted
    release R1 bob 100 as C1 reward_of_another_user
    release R1 bob 100 as C1 already_answered
    reverse R1 ann 100       posted
    release R1 ann 100 as C2 nothing_pending
    release R1 ann 100 as C2 already_answered
    balance bob pending 0 available 0 owed 0 earned 0
  `)
})

test('a reward is granted once, by one cause', () => {
  check(`
    earn R1 ann 100          posted
    earn R1 ann 100          reward_already_granted
    earn R1 bob 100          reward_already_granted
    balance ann pending 100 available 0 owed 0 earned 100
  `)
})

test('currencies are never mixed', () => {
  check(`
    earn R1 ann 100          posted
    release R1 ann 100 EUR   reward_in_another_currency
    reverse R1 ann 100 EUR   reward_in_another_currency
    balance ann pending 100 available 0 owed 0 earned 100
  `)
})

test('refusals come in their order: cause, reward, user, currency, amount', () => {
  check(`
    release R1 bob 1 EUR as C1   reward_not_granted_yet
    earn R1 ann 100              posted
    release R1 bob 1 EUR as C1   reward_of_another_user
    release R1 ann 1 EUR as C2   reward_in_another_currency
    release R1 ann 1 EUR as C1   conflict
    release R1 ann 100           posted
    release R1 ann 1 EUR as C3   reward_in_another_currency
    release R1 ann 1             nothing_pending
  `)
})

test('nobody earns more in total than every boundary can carry', () => {
  check(`
    earn R1 ann 9007199254740990   posted
    earn R2 ann 2                  total_out_of_range
    earn R3 ann 1                  posted
    reverse R1 ann 9007199254740990 posted
    earn R4 ann 1                  total_out_of_range
    balance ann pending 1 available 0 owed 0 earned 1
  `)
})
