import { CacheError } from '../errors.ts'
import { byteLengthExceeds } from '../entry/limits.ts'
import type { Change, Text } from '../store/store.ts'
import { type KeyvMajor, lifetimeOf } from './lifetime.ts'

/** What a Keyv store keeps where it differs from the facade: texts as they are, and an end that Keyv names. */
export interface StoreTexts {
  /** An entry whose time has passed is removed instead. @throws TypeError where a time to live comes in for an instant */
  toChange(storedKey: string, value: unknown, end: unknown): Change | CacheError
  /** What was read, unless it is too large. */
  checked(text: Text): Text
}

/**
 * @param valueBytes the largest text, both ways
 * @param now epoch ms
 */
export function createStoreTexts(keyv: KeyvMajor, valueBytes: number, now: () => number): StoreTexts {
  function toChange(storedKey: string, value: unknown, end: unknown): Change | CacheError {
    const lifetime = lifetimeOf(keyv, end, now(), value)
    if (lifetime === 'expired') return { keys: [storedKey], isLazy: true }
    if (typeof value !== 'string') return new CacheError('decode', 'The value is no text: leave serialization to Keyv')
    return byteLengthExceeds(value, valueBytes) ? tooLarge() : { key: storedKey, text: value, ttl: lifetime }
  }

  function checked(text: Text): Text {
    return typeof text === 'string' && byteLengthExceeds(text, valueBytes) ? tooLarge() : text
  }

  function tooLarge(): CacheError {
    return new CacheError('oversize', `The entry is larger than limits.valueBytes (${valueBytes})`)
  }

  return { toChange, checked }
}
