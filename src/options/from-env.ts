import type { CacheSettings } from './types.ts'

/** Pairs of variables that name an Upstash REST endpoint and its token, in the order in which they are looked for. */
const REST_VARIABLES = [
  ['UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'],
  ['KV_REST_API_URL', 'KV_REST_API_TOKEN'],
] as const

/**
 * Options from the environment: `REDIS_URL`, else `UPSTASH_REDIS_REST_URL` with `UPSTASH_REDIS_REST_TOKEN`, else
 * `KV_REST_API_URL` with `KV_REST_API_TOKEN`. There is no fall back to memory: a missing variable in production must not
 * look like a cache.
 *
 * @param env `process.env`, or a Worker's `env`
 * @returns options for `createCache`; spread them to add others
 * @throws TypeError where none is set, or a URL lacks its token
 * @example
 * ```ts
 * const cache = createCache({ ...fromEnv(process.env), namespace: 'app' })
 * ```
 */
export function fromEnv(env: object): CacheSettings {
  const redis = read(env, 'REDIS_URL')
  if (redis !== undefined) return { url: redis }
  for (const [urlName, tokenName] of REST_VARIABLES) {
    const url = read(env, urlName)
    if (url === undefined) continue
    const token = read(env, tokenName)
    if (token === undefined) throw new TypeError(`fromEnv: ${urlName} is set but ${tokenName} is not`)
    return { url, token }
  }
  throw new TypeError(
    'fromEnv: no Redis is configured. Set REDIS_URL, or UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, or KV_REST_API_URL and KV_REST_API_TOKEN',
  )
}

/** An empty variable counts as not set, as in most shells' idioms. */
function read(env: object, name: string): string | undefined {
  const value = (env as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
