const METHODS = ['get', 'getMany', 'has', 'hasMany', 'set', 'setMany', 'delete', 'deleteMany', 'clear', 'disconnect', 'iterator'] as const

/** What a store says of itself to Keyv 6, in the shape of keyv 6.1's `KeyvStorageCapability`. */
export interface Capabilities {
  readonly compatible: true
  readonly store: 'keyvStorage'
  readonly methods: Record<(typeof METHODS)[number], { readonly exists: true; readonly methodType: 'async' }>
  /** `set` takes an absolute instant. Without it Keyv 6 takes the store for one of Keyv 5 and bridges it. */
  readonly expires: boolean
}

/** @param expires whether `set` takes an instant */
export function capabilitiesOf(expires: boolean): Capabilities {
  const method = { exists: true, methodType: 'async' } as const
  const methods = Object.fromEntries(METHODS.map((name) => [name, method])) as Capabilities['methods']
  return { compatible: true, store: 'keyvStorage', methods, expires }
}
