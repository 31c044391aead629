/** A map that is bounded by entries and by bytes: the least recently used goes first. */
export interface BoundedMap<Value> {
  readonly size: number
  readonly bytes: number
  /** What is there has been used now. */
  get(key: string): Value | undefined
  /** @param bytes of key and value together. @returns false where it is larger than the whole map: then nothing is there */
  set(key: string, value: Value, bytes: number): boolean
  delete(key: string): boolean
  clear(): void
  /** The least recently used first. */
  keys(): readonly string[]
}

/** @param onRemoved told of each value that goes: deleted, replaced or crowded out; not by `clear` */
export function createBoundedMap<Value>(maxEntries: number, maxBytes: number, onRemoved?: (key: string, value: Value) => void): BoundedMap<Value> {
  const map = new Map<string, Item<Value>>()
  /** The ends of the list: before it stands what was used last, behind it what was used least recently. */
  const ends = new Item<undefined>('', undefined, 0)
  let total = 0

  function remove(key: string): boolean {
    const found = map.get(key)
    if (found === undefined) return false
    total -= found.bytes
    map.delete(key)
    found.leave()
    onRemoved?.(key, found.value)
    return true
  }

  return {
    get size() {
      return map.size
    },
    get bytes() {
      return total
    },
    get(key) {
      const found = map.get(key)
      if (found === undefined) return undefined
      found.leave()
      found.enter(ends)
      return found.value
    },
    set(key, value, bytes) {
      remove(key)
      if (bytes > maxBytes) return false
      while (map.size >= maxEntries || total + bytes > maxBytes) remove(ends.after.key)
      const item = new Item(key, value, bytes)
      item.enter(ends)
      map.set(key, item)
      total += bytes
      return true
    },
    delete: remove,
    clear() {
      map.clear()
      ends.before = ends
      ends.after = ends
      total = 0
    },
    keys() {
      const keys: string[] = []
      for (let item = ends.after; item !== ends; item = item.after) keys.push(item.key)
      return keys
    },
  }
}

/**
 * A value, and its place in a list that ends where it begins. The order of a Map would do, were it not that each use leaves a gap in
 * its table: looking for the first key then walks over all of them.
 */
class Item<Value> {
  before: Item<unknown> = this
  after: Item<unknown> = this
  readonly key: string
  readonly value: Value
  readonly bytes: number

  constructor(key: string, value: Value, bytes: number) {
    this.key = key
    this.value = value
    this.bytes = bytes
  }

  /** @param ends as the one that was used last */
  enter(ends: Item<unknown>): void {
    this.before = ends.before
    this.after = ends
    this.before.after = this
    ends.before = this
  }

  leave(): void {
    this.before.after = this.after
    this.after.before = this.before
  }
}
