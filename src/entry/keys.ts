import { RESERVED } from '../options/namespace.ts'

/** What lives beside the public entries. */
export type ReservedKind = 'tag' | 'lease' | 'http' | 'probe' | 'ns'

/** Keys of one namespace. */
export interface Keys {
  /** The stored form of a public key. @throws TypeError where the key is not a string, or reaches for reserved keys */
  public(key: string): string
  /** The stored form of a reserved key, which no public key of any namespace can equal. */
  reserved(kind: ReservedKind, id: string): string
  /** What every stored public key begins with; empty without a namespace. */
  readonly prefix: string
  /**
   * Whether a stored key that begins with the prefix is a public one of this namespace, for walks over many keys. Without a
   * namespace a key that holds `::` counts as somebody else's, although it may be our own: what cannot be told apart is left alone.
   */
  owns(storedKey: string): boolean
  /** Keys of a namespace within this one. @param name already checked with {@link namespaceProblem} */
  within(name: string): Keys
  /** What `clear` deletes: the public keys, and the versions of this namespace's tags. */
  readonly cleared: { readonly prefix: string; owns(storedKey: string): boolean }
}

/** @param namespace already checked with {@link namespaceProblem} */
export function createKeys(namespace: string | undefined): Keys {
  const prefix = namespace === undefined ? '' : `${namespace}::`
  const reservedPrefix = `${namespace ?? ''}${RESERVED}`
  const owns = (storedKey: string): boolean => prefix !== '' || !(storedKey.includes('::') || storedKey.includes(RESERVED))
  return {
    prefix,
    public(key) {
      if (typeof key !== 'string') throw new TypeError(`key: expected a string, got ${key === null ? 'null' : typeof key}`)
      // With a namespace the prefix already keeps public keys apart from reserved ones.
      if (prefix === '' && key.includes(RESERVED)) throw new TypeError(`key: must not contain '${RESERVED}', which marks reserved keys`)
      return prefix + key
    },
    owns,
    cleared: {
      // What the two kinds have in common.
      prefix: namespace === undefined ? '' : `${namespace}:`,
      owns: (storedKey) => storedKey.startsWith(`${reservedPrefix}tag:`) || (storedKey.startsWith(prefix) && owns(storedKey)),
    },
    // No name holds what marks reserved keys, so that no other namespace, nested or not, and no key of this one comes to the same.
    within: (name) => createKeys(`${reservedPrefix}ns:${name}`),
    reserved: (kind, id) => `${reservedPrefix}${kind}:${id}`,
  }
}
