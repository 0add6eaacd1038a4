import type { Currency } from '@tributary/money'

/** What every request says: what asks for it (its cause), and how much is meant, above zero. */
type Asked = Readonly<{ causeId: string; amount: bigint; currency: Currency }>

/** Rewards asks: grant, hand over, or take back a reward. */
export type RewardRequest = Asked & Readonly<{ kind: 'earn' | 'release' | 'reverse'; rewardId: string; userId: string }>

/** Rewards asks: set a reward's money aside, or give it back. The highest sequence known is how the reward stands. */
export type HoldRequest = Asked &
  Readonly<{ kind: 'hold' | 'resume'; rewardId: string; userId: string; sequence: number }>

/** Payouts asks: set money aside for a cashout, pass it to the provider, or give it back before or after it was paid. */
export type CashoutRequest = Asked &
  Readonly<{ kind: 'reserve' | 'settle' | 'return' | 'bounce'; cashoutId: string; userId: string; provider: string }>

/** A provider has settled what it paid (`out`), or gave money back (`back`). */
export type ClearRequest = Asked &
  Readonly<{ kind: 'clear'; provider: string; cashoutId: string | null; direction: 'out' | 'back' }>

/** A provider has charged a fee, and taken it. */
export type FeeRequest = Asked & Readonly<{ kind: 'fee'; provider: string }>

/** A person gives a user money, or takes some. */
export type AdjustRequest = Asked & Readonly<{ kind: 'adjust'; userId: string; direction: 'credit' | 'debit' }>

export type Request = RewardRequest | HoldRequest | CashoutRequest | ClearRequest | FeeRequest | AdjustRequest

/** What a request says, spread out as it is kept with its cause. */
export type Content = Readonly<{
  kind: Request['kind']
  /** The reward or the cashout that it is about; the cause itself where there is neither. */
  subjectId: string
  userId: string | null
  amount: bigint
  currency: Currency
  /** What the columns before do not say, such as a hold's sequence. */
  detail: string | null
}>

/** Everything the ledger acts upon, and nothing else: a re-publication with a new time is still the same request. */
export function contentOf(request: Request): Content {
  const { kind, amount, currency } = request
  const content = (subjectId: string, userId: string | null, detail: string | null): Content => ({
    kind,
    subjectId,
    userId,
    amount,
    currency,
    detail,
  })
  switch (request.kind) {
    case 'earn':
    case 'release':
    case 'reverse':
      return content(request.rewardId, request.userId, null)
    case 'hold':
    case 'resume':
      return content(request.rewardId, request.userId, String(request.sequence))
    case 'reserve':
    case 'settle':
    case 'return':
    case 'bounce':
      return content(request.cashoutId, request.userId, request.provider)
    case 'clear':
      return content(request.cashoutId ?? request.causeId, null, `${request.provider}/${request.direction}`)
    case 'fee':
      return content(request.causeId, null, request.provider)
    case 'adjust':
      return content(request.causeId, request.userId, request.direction)
  }
}

/** A content as one line, with one reading: no field but the last can hold a slash. Its hash is the fingerprint. */
export function contentLine({ kind, subjectId, userId, amount, currency, detail }: Content): string {
  return [kind, subjectId, userId ?? '', amount, currency, ...(detail === null ? [] : [detail])].join('/')
}

/** Ids as PostgreSQL writes them: the same id in capitals is the same id. */
export function withPlainIds<R extends Request>(request: R): R {
  const plain = Object.entries(request).map(([name, value]) => [
    name,
    name.endsWith('Id') && typeof value === 'string' ? value.toLowerCase() : value,
  ])
  return Object.fromEntries(plain) as R
}
