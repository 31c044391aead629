/** Options of `@keyv/redis` 5 that are understood, so that they may stay where they are. */
export interface KeyvRedisOptions {
  /** @keyv/redis: is `connectTimeout` here. */
  readonly connectionTimeout?: number
  /** @keyv/redis: only `::`, its default. */
  readonly keyPrefixSeparator?: string
  /** @keyv/redis: only false. This store never throws for a fault; listen to `error`. */
  readonly throwOnConnectError?: boolean
  /** @keyv/redis: only false, its default. */
  readonly throwOnErrors?: boolean
  /** @keyv/redis: only true, its default. */
  readonly useUnlink?: boolean
  /** @keyv/redis: only false, its default. FLUSHDB would take away what is not the cache's. */
  readonly noNamespaceAffectsAll?: boolean
  /** @keyv/redis: heeded by nothing; `clearTimeout` bounds a clear. */
  readonly clearBatchSize?: number
}

/** What each of them may be, because it is so here anyway; and what to do instead. */
const FIXED = [
  ['keyPrefixSeparator', '::', "keys are stored as namespace::key; see keyFormat"],
  ['throwOnConnectError', false, "this store never throws for a fault of Redis; listen to 'error', or use lookup() of the cache"],
  ['throwOnErrors', false, "this store never throws for a fault of Redis; listen to 'error', or use lookup() of the cache"],
  ['useUnlink', true, 'keys are always unlinked'],
  ['noNamespaceAffectsAll', false, 'clear() never removes what may not be its own; send FLUSHDB yourself'],
] as const

/**
 * Takes over what @keyv/redis 5 calls differently.
 *
 * @returns options without any of those names
 * @throws TypeError where something is asked for that this store does not do: never a silent difference
 */
export function translate<Options extends KeyvRedisOptions>(options: Options): Omit<Options, keyof KeyvRedisOptions> & { connectTimeout?: number } {
  for (const [name, only, instead] of FIXED) {
    const given = options[name]
    if (given !== undefined && given !== only) throw new TypeError(`${name}: only ${JSON.stringify(only)}; ${instead}`)
  }
  const { connectionTimeout, keyPrefixSeparator, throwOnConnectError, throwOnErrors, useUnlink, noNamespaceAffectsAll, clearBatchSize, ...rest } = options
  return connectionTimeout === undefined ? rest : { connectTimeout: connectionTimeout, ...rest }
}
