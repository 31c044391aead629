import type { CacheSettings } from './types.ts'

/** Where Redis is, and the variables that say so. */
export interface EnvTarget {
  readonly url: string
  readonly urlName: string
  /** Of a REST address; undefined over TCP. */
  readonly token?: string
  readonly tokenName?: string
}

/** Variables that name an address, and the token of a REST address. */
type Names = readonly [urlName: string, tokenName?: string]

const TCP: Names = ['REDIS_URL']
/** In the order in which they are looked for. */
const REST: readonly Names[] = [
  ['UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'],
  ['KV_REST_API_URL', 'KV_REST_API_TOKEN'],
]

/**
 * What the environment says of Redis. There is no fall back to memory: a missing variable in production must not look like a cache.
 *
 * @param first what is taken where several are set
 * @throws TypeError where none is set, or a REST address lacks its token
 */
export function readEnv(env: object, first: 'tcp' | 'rest'): EnvTarget {
  for (const [urlName, tokenName] of first === 'tcp' ? [TCP, ...REST] : [...REST, TCP]) {
    const url = read(env, urlName)
    if (url === undefined) continue
    if (tokenName === undefined) return { url, urlName }
    const token = read(env, tokenName)
    if (token === undefined) throw new TypeError(`fromEnv: ${urlName} is set but ${tokenName} is not`)
    return { url, urlName, token, tokenName }
  }
  throw new TypeError(
    'fromEnv: no Redis is configured. Set REDIS_URL, or UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, or KV_REST_API_URL and KV_REST_API_TOKEN',
  )
}

/**
 * The same as options for `createCache`, which are checked: an error names the variable, since nobody has written `url`.
 *
 * @param check throws as `createCache` would
 * @throws TypeError as {@link readEnv}, and where a variable holds what cannot be used
 */
export function settingsFromEnv(env: object, first: 'tcp' | 'rest', check: (settings: CacheSettings) => unknown): CacheSettings {
  const { url, urlName, token, tokenName } = readEnv(env, first)
  const settings = token === undefined ? { url } : { url, token }
  try {
    check(settings)
  } catch (error) {
    const message = error instanceof Error ? error.message : 'cannot be used'
    const name = message.startsWith('token: ') ? (tokenName ?? urlName) : urlName
    throw new TypeError(`fromEnv: ${name}: ${message.replace(/^(url|token): /, '')}`)
  }
  return settings
}

/** An empty variable counts as not set, as in most shells' idioms. */
function read(env: object, name: string): string | undefined {
  const value = (env as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
