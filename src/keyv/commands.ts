import { CacheError } from '../errors.ts'
import { byteLengthExceeds } from '../entry/limits.ts'
import * as redis from '../store/redis.ts'
import type { Command, Reply } from '../transport/transport.ts'
import { type KeyvMajor, lifetimeOf } from './lifetime.ts'

/** What a Keyv store says to Redis where it differs from the facade: texts as they are, and an end that Keyv names. */
export interface StoreCommands {
  /** @throws TypeError where a time to live comes in for an instant */
  set(storedKey: string, value: unknown, end: unknown): Command | CacheError
  /** The reply to `set`. @returns true where Redis confirmed */
  readWritten(reply: Reply): true | CacheError
  /** The reply to a get. */
  readText(reply: Reply): string | undefined | CacheError
}

/**
 * @param valueBytes the largest text, both ways
 * @param now epoch ms
 */
export function createStoreCommands(keyv: KeyvMajor, valueBytes: number, now: () => number): StoreCommands {
  function set(storedKey: string, value: unknown, end: unknown): Command | CacheError {
    const lifetime = lifetimeOf(keyv, end, now())
    if (lifetime === 'expired') return redis.unlinkCommand([storedKey])
    if (typeof value !== 'string') return new CacheError('decode', 'The value is no text: leave serialization to Keyv')
    return byteLengthExceeds(value, valueBytes) ? tooLarge() : redis.setCommand(storedKey, value, lifetime)
  }

  /** An entry whose time has passed is deleted instead, which Redis confirms with a number. */
  function readWritten(reply: Reply): true | CacheError {
    return typeof reply === 'number' ? true : (redis.readOk(reply) ?? true)
  }

  function readText(reply: Reply): string | undefined | CacheError {
    const text = redis.readText(reply)
    return typeof text === 'string' && byteLengthExceeds(text, valueBytes) ? tooLarge() : text
  }

  function tooLarge(): CacheError {
    return new CacheError('oversize', `The entry is larger than limits.valueBytes (${valueBytes})`)
  }

  return { set, readWritten, readText }
}
