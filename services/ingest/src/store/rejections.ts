import { type Database, query } from '@tributary/database'

/** A webhook that was refused. Nothing of its body but hash and size. */
export type Rejection = Readonly<{
  id: string
  at: Date
  /** Whose webhook it was said to be. */
  source: string
  /** The problem's code. */
  reason: string
  detail: string | null
  /** As the sender sent it, where it was well-formed. */
  webhookId: string | null
  bodySha256: Buffer | null
  bodyBytes: number | null
}>

/** More a second tell a sender nothing new, and a flood must not become a flood of rows. */
const NOTED_PER_SECOND_MAX = 50
/** What is kept, at most: some hours of a flood, months of a sender that errs now and then. */
export const ROWS_MAX = 100_000
export const AGE_MAX_DAYS = 30
const DETAIL_MAX = 500

/** Notes refusals in the background: never slows or fails an answer, and drops what exceeds its bounds. */
export type RejectionLog = Readonly<{
  /** `make` is called only when there is room. */
  note(db: Database, at: Date, make: () => Rejection): void
  drain(): Promise<void>
}>

export function newRejectionLog(): RejectionLog {
  const waiting: Rejection[] = []
  let writing: Promise<void> | null = null
  let second = 0
  let notedInSecond = 0

  async function write(db: Database): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0)
      // A refusal that could not be noted is lost; the answer said the same.
      await insertRejections(db, batch).catch(() => {})
    }
    writing = null
  }

  return {
    note(db, at, make) {
      const thisSecond = Math.floor(at.getTime() / 1000)
      if (thisSecond !== second) {
        second = thisSecond
        notedInSecond = 0
      }
      // While the database is away they pile up: at most this many.
      if (notedInSecond >= NOTED_PER_SECOND_MAX || waiting.length >= NOTED_PER_SECOND_MAX * 10) return
      notedInSecond++
      waiting.push(make())
      writing ??= write(db)
    },
    async drain() {
      await writing
    },
  }
}

async function insertRejections(db: Database, rejections: readonly Rejection[]): Promise<void> {
  await query(
    db,
    `insert into webhook_rejections (id, at, source, reason, detail, webhook_id, body_sha256, body_bytes)
     select id, at, source, reason, detail, webhook_id, decode(body_sha256, 'hex'), body_bytes
     from unnest(?::uuid[], ?::timestamptz[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::int[])
       as given (id, at, source, reason, detail, webhook_id, body_sha256, body_bytes)`,
    [
      rejections.map((one) => one.id),
      rejections.map((one) => one.at),
      rejections.map((one) => one.source),
      rejections.map((one) => one.reason),
      rejections.map((one) => one.detail?.slice(0, DETAIL_MAX) ?? null),
      rejections.map((one) => one.webhookId),
      rejections.map((one) => one.bodySha256?.toString('hex') ?? null),
      rejections.map((one) => one.bodyBytes),
    ],
  )
}

export type RejectionFilter = Readonly<{
  webhookId?: string | undefined
  reason?: string | undefined
  before: string | null
  limit: number
}>

/** The newest first. */
export async function listRejections(db: Database, filter: RejectionFilter): Promise<Rejection[]> {
  const { webhookId = null, reason = null, before, limit } = filter
  return await query<Rejection>(
    db,
    `select id, at, source, reason, detail, webhook_id as "webhookId", body_sha256 as "bodySha256", body_bytes as "bodyBytes"
     from webhook_rejections
     where (?::text is null or webhook_id = ?) and (?::text is null or reason = ?) and (?::uuid is null or id < ?)
     order by id desc limit ?`,
    [webhookId, webhookId, reason, reason, before, before, limit],
  )
}

/** Deletes some that are too old or too many; answers how many. Ids grow with time. */
export async function deleteOldRejections(db: Database, now: Date, deletedMax: number): Promise<number> {
  const oldest = new Date(now.getTime() - AGE_MAX_DAYS * 86_400_000)
  const rows = await query(
    db,
    `delete from webhook_rejections where id in (
       select id from webhook_rejections
       where at < ? or id <= (select id from webhook_rejections order by id desc offset ? limit 1)
       order by id limit ?)
     returning id`,
    [oldest, ROWS_MAX, deletedMax],
  )
  return rows.length
}
