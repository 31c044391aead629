import { CacheError } from '../errors.ts'
import { byteLengthExceeds } from './limits.ts'

/** Why the stored form of a key or tag cannot be used; undefined where it can. @param what what its owner calls it */
export function keyProblem(storedKey: string, keyBytes: number, what: 'key' | 'tag'): CacheError | undefined {
  // UTF-8 has no half of a surrogate pair: two such keys would be one in Redis, and each would read what the other stored.
  if (!storedKey.isWellFormed()) return new CacheError('decode', `The ${what} holds half of a surrogate pair, which Redis cannot tell from another`)
  if (!byteLengthExceeds(storedKey, keyBytes)) return undefined
  return new CacheError('oversize', `The ${what} is longer than limits.keyBytes (${keyBytes})`)
}
