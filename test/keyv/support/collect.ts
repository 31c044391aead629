/** All that an iterator gives, at most `limit` of it. */
export async function collect<Item>(items: AsyncIterable<Item>, limit: number = 100_000): Promise<Item[]> {
  const collected: Item[] = []
  for await (const item of items) if (collected.push(item) === limit) break
  return collected
}
