import { CacheError } from '../errors.ts'
import { createKeys } from '../entry/keys.ts'
import { keyProblem } from '../entry/limits.ts'
import type { KeyRange } from '../store/store.ts'

/**
 * How a key is stored. `namespace::key` is what Keyv 6, `createKeyv` of @keyv/redis and the facade write;
 * `namespace::namespace:key` is what `new Keyv({ store: new KeyvRedis(url), namespace })` of Keyv 5 writes.
 */
export type KeyFormat = 'namespace::key' | 'namespace::namespace:key'

/** Keyv's keys of one namespace and their stored form. */
export interface StoreKeys extends KeyRange {
  /** @returns why the key cannot be stored, where it cannot */
  toStored(key: string): string | CacheError
  toPublic(storedKey: string): string
}

/**
 * @param namespace checked; undefined for keys that are stored as they are
 * @param keyBytes the longest stored key
 */
export function createStoreKeys(namespace: string | undefined, format: KeyFormat, keyBytes: number): StoreKeys {
  const keys = createKeys(namespace)
  const inner = namespace !== undefined && format === 'namespace::namespace:key' ? `${namespace}:` : ''
  const prefix = keys.prefix + inner

  function toStored(key: string): string | CacheError {
    try {
      const stored = keys.public(inner + key)
      return keyProblem(stored, keyBytes, 'key') ?? stored
    } catch {
      return new CacheError('decode', 'The key cannot be written as text, or is one of those that the cache keeps for itself')
    }
  }

  return { prefix, owns: keys.owns, toStored, toPublic: (storedKey) => storedKey.slice(prefix.length) }
}
