import type { BypassOptions } from '../../http/bypass.ts'
import type { FreshnessDefaults } from '../../http/freshness.ts'
import { parseNames } from '../../http/list.ts'
import { BELIEVED, CREDENTIALS } from '../../http/request-fields.ts'
import { cookieSelector } from '../../http/vary.ts'
import type { ResponseCacheOptions } from '../response-cache-options.ts'

/** Checked, and with every default in its place. Names are in lower case. */
export interface ResolvedOptions
  extends
    Required<
      Omit<
        ResponseCacheOptions,
        | 'cache'
        | 'preset'
        | 'ttl'
        | 'key'
        | 'allowQuery'
        | 'statuses'
        | 'skip'
        | 'tags'
        | 'waitUntil'
        | 'ignoreCookies'
        | 'believedHeaders'
        | 'credentialHeaders'
      >
    >,
    BypassOptions {
  readonly credentialHeaders: ReadonlySet<string>
  readonly key: ResponseCacheOptions['key']
  readonly allowQuery: readonly string[] | undefined
  readonly statuses: ReadonlySet<number> | undefined
  readonly skip: ResponseCacheOptions['skip']
  readonly tags: ResponseCacheOptions['tags']
  readonly waitUntil: ResponseCacheOptions['waitUntil']
  /** Fields and cookies that always select. */
  readonly declared: readonly string[]
  readonly defaults: FreshnessDefaults
}

/** @throws TypeError or RangeError that names the option */
export function resolveOptions(given: ResponseCacheOptions): ResolvedOptions {
  const {
    preset = 'safe',
    ttl,
    swr = 0,
    staleIfError = 0,
    maxBodyBytes = 1_048_576,
    maxHeaderBytes = 16_384,
    maxVariants = 32,
    keep = 86_400_000,
    collapse = 0,
  } = given
  if (preset !== 'safe' && preset !== 'full') throw new TypeError("preset: expected 'safe' or 'full'")
  const isFull = preset === 'full'
  for (const [name, value] of Object.entries({ ttl: ttl ?? 0, swr, staleIfError, maxBodyBytes, maxHeaderBytes, maxVariants, keep, collapse })) {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name}: expected a whole number, 0 or more`)
  }
  const {
    heuristic = isFull,
    reload = isFull,
    fillRanges = isFull,
    normalizeVary = isFull,
    cookies = [],
    ignoreCookies = [],
    name = 'fastmiss',
    showKey = false,
  } = given
  if (!/^[A-Za-z*][\w!#$%&'*+.^`|~:/-]*$/.test(name)) throw new TypeError('name: expected a token')
  const vary = fieldNames('vary', given.vary ?? [])
  const { cache, allowQuery, methods = ['GET', 'HEAD'], statuses, key, skip, tags, waitUntil } = given
  if (methods.some((method) => !['GET', 'HEAD'].includes(method))) throw new TypeError('methods: expected GET or HEAD')
  const resolved = {
    cache,
    preset,
    ttl,
    key,
    skip,
    tags,
    waitUntil,
    swr,
    staleIfError,
    heuristic,
    reload,
    fillRanges,
    normalizeVary,
    vary,
    allowQuery,
    cookies,
    ignoreCookies,
    credentialHeaders: new Set(['authorization', ...fieldNames('credentialHeaders', given.credentialHeaders ?? CREDENTIALS)]),
    believedHeaders: new Set(fieldNames('believedHeaders', given.believedHeaders ?? BELIEVED)),
    methods,
    statuses: statuses === undefined ? undefined : new Set(statuses),
    targets: fieldNames('targets', given.targets ?? ['cdn-cache-control']),
    maxBodyBytes,
    maxHeaderBytes,
    maxVariants: Math.max(1, maxVariants),
    keep,
    collapse,
    name,
    showKey,
  }
  for (const one in given) if (!Object.hasOwn(resolved, one)) throw new TypeError(`${one}: there is no such option`)
  return {
    ...resolved,
    declared: [...new Set([...vary, ...cookies.map(cookieSelector)])].sort(),
    defaults: { ttl, swr, staleIfError, heuristic },
  }
}

/** Names of fields in lower case. */
function fieldNames(option: string, names: readonly string[]): readonly string[] {
  const parsed = parseNames(names.join())
  // `Headers` throws at what is no name, at each request; `*` would match nothing.
  if (parsed === undefined || parsed.includes('*')) throw new TypeError(`${option}: expected names of fields`)
  return parsed
}
