import type { Keyv } from 'keyv'
import { createCache } from '../index.ts'
import { installedKeyv, keyvOver } from './create-keyv.ts'
import type { KeyvMajor } from './lifetime.ts'
import { type ForKeyv, type KeyvFastmissOptions, type KeyvFastmissTarget, openCache, type StoreRuntime } from './options.ts'
import { KeyvStore } from './store.ts'

export { Keyv } from 'keyv'
export { CacheError } from '../errors.ts'
export type { Capabilities } from './capabilities.ts'
export type { KeyFormat } from './keys.ts'
export type { KeyvFastmissOptions, KeyvFastmissTarget } from './options.ts'
export type { StoreEntry } from './store.ts'

const runtime: StoreRuntime = { createCache, keepsConnections: true }

/**
 * A storage adapter for Keyv over TCP, Upstash and memory: a Redis that cannot be reached is a fast miss.
 *
 * @throws TypeError or RangeError that names the option, what was given and what is allowed
 * @example
 * ```ts
 * import { KeyvFastmiss } from 'fastmiss/keyv'
 * import Keyv from 'keyv'
 * const keyv = new Keyv({ store: new KeyvFastmiss('redis://localhost:6379'), namespace: 'app' })
 * ```
 */
export class KeyvFastmiss<Major extends KeyvMajor = 6> extends KeyvStore<Major> {
  constructor(target: KeyvFastmissTarget | ForKeyv<Major>, options: ForKeyv<Major> = {}) {
    super(openCache(target, options, runtime))
  }
}

/**
 * A Keyv over {@link KeyvFastmiss}, of the version that is installed.
 *
 * @throws TypeError or RangeError that names the option, what was given and what is allowed
 * @example
 * ```ts
 * import { createKeyv } from 'fastmiss/keyv'
 * const keyv = createKeyv('redis://localhost:6379', { namespace: 'app' })
 * ```
 */
export function createKeyv(target: KeyvFastmissTarget, options: KeyvFastmissOptions = {}): Keyv {
  return keyvOver(new KeyvFastmiss(target, { keyv: installedKeyv(), ...options }))
}
