import { LRU } from 'tiny-lru'

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

interface Sized<Value> {
  readonly value: Value
  readonly bytes: number
}

/** @param onRemoved told of each value that goes: deleted, replaced or crowded out; not by `clear` */
export function createBoundedMap<Value>(maxEntries: number, maxBytes: number, onRemoved?: (key: string, value: Value) => void): BoundedMap<Value> {
  const map = new LRU<Sized<Value>>(maxEntries)
  let total = 0

  function remove(key: string): boolean {
    const found = map.peek(key)
    if (found === undefined) return false
    total -= found.bytes
    map.delete(key)
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
    get: (key) => map.get(key)?.value,
    set(key, value, bytes) {
      remove(key)
      if (bytes > maxBytes) return false
      while (map.first !== null && (map.size >= maxEntries || total + bytes > maxBytes)) remove(String(map.first.key))
      map.set(key, { value, bytes })
      total += bytes
      return true
    },
    delete: remove,
    clear() {
      map.clear()
      total = 0
    },
    keys: () => map.keys().map(String),
  }
}
