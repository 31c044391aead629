import type { Keyv } from 'keyv'
import { createCache } from '../index.workerd.ts'
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

const runtime: StoreRuntime = { createCache, keepsConnections: false }

/** As in `index.ts`, over Upstash's REST API and memory; TCP is handed in: `new KeyvFastmiss({ transport: tcp(url) })`. */
export class KeyvFastmiss<Major extends KeyvMajor = 6> extends KeyvStore<Major> {
  constructor(target: KeyvFastmissTarget | ForKeyv<Major>, options: ForKeyv<Major> = {}) {
    super(openCache(target, options, runtime))
  }
}

/** A Keyv over {@link KeyvFastmiss}, of the version that is installed. @throws TypeError or RangeError where an option is wrong */
export function createKeyv(target: KeyvFastmissTarget, options: KeyvFastmissOptions = {}): Keyv {
  return keyvOver(new KeyvFastmiss(target, { keyv: installedKeyv(), ...options }))
}
