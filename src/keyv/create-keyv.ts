import { Keyv } from 'keyv'
import type { KeyvMajor } from './lifetime.ts'
import type { KeyvStore } from './store.ts'

/** The Keyv that is installed: `resolveStore` came with 6. */
export function installedKeyv(): KeyvMajor {
  return 'resolveStore' in Keyv.prototype ? 6 : 5
}

/** A Keyv of the installed version over a store, with the keys of the store alone: `namespace::key`. */
export function keyvOver(store: KeyvStore): Keyv {
  const { namespace } = store
  if (installedKeyv() === 6) return new Keyv({ store })
  // Keyv 5 would prefix keys a second time, and has a namespace of its own where none is given. The types know Keyv 6 only.
  const options: object = { store, useKeyPrefix: false }
  const keyv = new Keyv(options)
  keyv.namespace = namespace
  return keyv
}
