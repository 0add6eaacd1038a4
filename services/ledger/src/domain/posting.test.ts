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
    reserve K1 ann 80     posted
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

test('what is held comes back to where it was, and nothing is released meanwhile without being held', () => {
  check(`
    earn R1 ann 100        posted
    release R1 ann 30      posted
    hold R1 ann 100 #1     posted
    balance ann pending 0 available 0 held 100 owed 0 earned 100
    resume R1 ann 100 #2   posted
    balance ann pending 70 available 30 held 0 owed 0 earned 100
    hold R1 ann 100 #3     posted
    release R1 ann 70      posted
    balance ann pending 0 available 0 held 100 owed 0 earned 100
    resume R1 ann 100 #4   posted
    balance ann pending 0 available 100 held 0 owed 0 earned 100
  `)
})

test('a hold takes what is still there; of what was spent, nothing', () => {
  check(`
    earn R1 ann 100        posted
    release R1 ann 100     posted
    reserve K1 ann 60      posted
    hold R1 ann 100 #1     posted
    balance ann available 0 held 40 payout 60 owed 0
    hold R1 ann 100 #2     nothing_to_hold
    resume R1 ann 100 #3   posted
    balance ann available 40 held 0 payout 60 owed 0
    reserve K2 ann 40      posted
    hold R1 ann 100 #4     nothing_to_hold
    resume R1 ann 100 #5   nothing_held
  `)
})

test('the highest sequence says how a reward stands, in whichever order holds come', () => {
  check(`
    earn R1 ann 100        posted
    resume R1 ann 100 #2   nothing_held
    hold R1 ann 100 #1     hold_superseded
    balance ann pending 100 held 0
    hold R1 ann 100 #3     posted
    hold R1 ann 100 #3     hold_superseded
    balance ann pending 0 held 100
  `)
})

test('a reversal takes what is held, and what was handed over goes back the way it came', () => {
  check(`
    earn R1 ann 100        posted
    release R1 ann 60      posted
    hold R1 ann 100 #1     posted
    reverse R1 ann 50      posted
    balance ann pending 0 available 0 held 50 owed 0 earned 50
    reverse R1 ann 50      posted
    balance ann pending 0 available 0 held 0 owed 0 earned 0
    resume R1 ann 100 #2   nothing_held
  `)
})

test('what becomes available again pays what is owed first: resumed, returned, bounced or adjusted', () => {
  check(`
    earn R1 ann 100        posted
    release R1 ann 100     posted
    earn R2 ann 50         posted
    release R2 ann 50      posted
    hold R2 ann 50 #1      posted
    reserve K1 ann 60      posted
    settle K1 ann 60       posted
    reserve K2 ann 40      posted
    reverse R1 ann 100     posted
    balance ann available 0 held 50 payout 40 owed 100 earned 50
    resume R2 ann 50 #2    posted
    balance ann available 0 held 0 payout 40 owed 50 earned 50
    return K2 ann 40       posted
    balance ann available 0 held 0 payout 0 owed 10 earned 50
    credit ann 4           posted
    balance ann available 0 owed 6 adjusted 4
    bounce K1 ann 60       posted
    balance ann available 54 owed 0 earned 50 adjusted 4
  `)
})

test('a cashout is reserved, paid and settled; a fee clears at once', () => {
  check(`
    earn R1 ann 100            posted
    release R1 ann 100         posted
    reserve K1 ann 101         insufficient_available
    reserve K2 ann 100         posted
    balance ann available 0 payout 100
    settle K2 ann 100          posted
    balance ann available 0 payout 0 owed 0 earned 100
    program clearing 100 fees 0 cash 0
    clear K2 100               posted
    fee K2 3                   posted
    program clearing 0 fees 3 cash -103
    bounce K2 ann 100          posted
    balance ann available 100
    program clearing -100 fees 3 cash -103
    clear K2 100 back          posted
    program clearing 0 fees 3 cash -3
  `)
})

test('a cashout moves once, whole, and in one direction', () => {
  check(`
    earn R1 ann 100            posted
    release R1 ann 100         posted
    return K1 ann 30 as C1     cashout_not_reserved_yet
    bounce K1 ann 30 as C2     cashout_not_reserved_yet
    reserve K1 ann 30          posted
    reserve K1 ann 30          cashout_already_reserved
    bounce K1 ann 30 as C2     cashout_not_paid_yet
    settle K1 bob 30           cashout_of_another_user
    settle K1 ann 30 EUR       cashout_in_another_currency
    settle K1 ann 29           cashout_of_another_amount
    settle K1 ann 30           posted
    settle K1 ann 30           nothing_in_payout
    return K1 ann 30 as C1     cashout_was_paid
    bounce K1 ann 30 by other  cashout_of_another_provider
    bounce K1 ann 30 as C2     posted
    bounce K1 ann 30           nothing_paid
    reserve K2 ann 50          posted
    return K2 ann 50           posted
    return K2 ann 50           nothing_in_payout
    settle K2 ann 50           cashout_was_returned
    bounce K2 ann 50           cashout_was_returned
    reserve K3 ann 500         insufficient_available
    reserve K3 ann 5           cashout_was_refused
    return K3 ann 500          nothing_reserved
    settle K3 ann 500          cashout_was_refused
    balance ann pending 0 available 100 payout 0 owed 0 earned 100
  `)
})

test('a person may give and take, but takes no more than is available', () => {
  check(`
    credit ann 50              posted
    debit ann 51               insufficient_available
    debit ann 20               posted
    balance ann available 30 owed 0 earned 0 adjusted 30
    credit ann 9007199254740991  total_out_of_range
    earn R1 ann 9007199254740942 total_out_of_range
    earn R2 ann 9007199254740941 posted
  `)
})
