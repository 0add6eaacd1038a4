/** One page of a list. */
export type Page<Item> = Readonly<{ items: readonly Item[]; nextCursor: string | null }>

/**
 * Every item of a list, page after page, each fetched when it is reached:
 * `for await (const reward of allItems((cursor) => client.listRewards({ status: 'held', cursor })))`.
 */
export async function* allItems<Item>(list: (cursor: string | undefined) => Promise<Page<Item>>): AsyncGenerator<Item> {
  let cursor: string | undefined
  do {
    const { items, nextCursor } = await list(cursor)
    yield* items
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined)
}
