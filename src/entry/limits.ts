import { CacheError } from '../errors.ts'

/** Whether the UTF-8 form of a text is longer than a limit; counts bytes only where the length leaves it open. */
export function byteLengthExceeds(text: string, limit: number): boolean {
  if (text.length > limit) return true
  // A UTF-16 unit is three bytes at most.
  if (text.length * 3 <= limit) return false
  return new TextEncoder().encode(text).length > limit
}

/** Why the stored form of a key or tag cannot be used; undefined where it can. @param what what its owner calls it */
export function keyProblem(storedKey: string, keyBytes: number, what: 'key' | 'tag'): CacheError | undefined {
  // UTF-8 has no half of a surrogate pair: two such keys would be one in Redis, and each would read what the other stored.
  if (!storedKey.isWellFormed()) return new CacheError('decode', `The ${what} holds half of a surrogate pair, which Redis cannot tell from another`)
  if (!byteLengthExceeds(storedKey, keyBytes)) return undefined
  return new CacheError('oversize', `The ${what} is longer than limits.keyBytes (${keyBytes})`)
}

/** Why an entry is neither written nor read. @param valueBytes the limit */
export function tooLarge(valueBytes: number): CacheError {
  return new CacheError('oversize', `The entry is larger than limits.valueBytes (${valueBytes})`)
}
