import { namespaceProblem } from '../options/namespace.ts'
import type { KeyvMajor } from './lifetime.ts'

/** What Keyv 5 sets where nobody has given it a namespace. */
const KEYV_5_DEFAULT = 'keyv'

/** The namespace of a store, which Keyv takes for its own to set. */
export interface StoreNamespace {
  /** Keys are stored beneath it. */
  readonly current: string | undefined
  /** What Keyv reads back: version 5 looks for it in the keys, which it has prefixed itself. */
  readonly told: string | undefined
  /** Keyv sets its own. @throws TypeError where it could be taken for another one's key, or would take the place of another */
  set(given: string | undefined): void
  /** A Keyv asks what the store is: it is being given it. */
  claim(): void
  /** @param key undefined for what is done to all keys @throws TypeError where it is of a Keyv from which another one has taken the store */
  check(key: string | undefined): void
}

/**
 * A namespace that was given to the store is kept where Keyv sets none, or the default of Keyv 5: two applications would share it.
 *
 * @param own what the store was given
 */
export function createStoreNamespace(keyv: KeyvMajor, own: string | undefined): StoreNamespace {
  checkName(own)
  let current = own
  let told = own
  let isAsked = false
  /** Of the Keyv that has the store. */
  let taken: { readonly told: string | undefined } | undefined
  let isShared = false

  function set(given: string | undefined): void {
    const namespace = given === '' ? undefined : given
    const isDefault = namespace === KEYV_5_DEFAULT || (keyv === 5 && namespace === undefined)
    const next = own !== undefined && isDefault ? own : namespace
    checkName(next)
    if (keyv === 5 && own !== undefined && next !== own) {
      throw new TypeError(`namespace: the store has '${own}' and Keyv sets '${next}'; give one of them alone`)
    }
    // Keyv 6 asks, and then sets one where it has one.
    if (keyv === 6 && isAsked) {
      isAsked = false
      if (taken !== undefined && next !== current) throw twice()
      taken = { told: next }
    }
    current = next
    told = keyv === 5 ? namespace : next
  }

  /** Keyv 5 sets its namespace first, and goes on changing it without asking again. */
  function claim(): void {
    isAsked = true
    if (keyv === 6) return
    // Not refused yet: Keyv's own suite gives a store to a second Keyv, and is done with the first one.
    if (taken !== undefined && taken.told !== told) isShared = true
    taken = { told }
  }

  function check(key: string | undefined): void {
    if (isShared && (key === undefined || !key.startsWith(`${told}:`))) throw twice()
  }

  return {
    get current() {
      return current
    },
    get told() {
      return told
    },
    set,
    claim,
    check,
  }
}

function twice(): TypeError {
  return new TypeError('store: two Keyvs have it, and one would find itself in the namespace of the other; make a store for each')
}

function checkName(namespace: string | undefined): void {
  const problem = namespace === undefined ? undefined : namespaceProblem(namespace)
  if (problem !== undefined) throw new TypeError(`namespace: ${problem}; got '${namespace}'`)
}
