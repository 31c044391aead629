import { createRequire } from 'node:module'
import type { CacheOptions, CreateClient } from 'fastmiss'

/** What somebody brings of their own, by the name of its package here. */
export type Driver = 'redis' | 'redis5' | '@upstash/redis'

type Given = Readonly<Record<string, unknown>> & { readonly driver?: Driver }

/** @returns the options of a cache over that address, by the package's own drivers or by the one that is named */
export async function withDriver(url: string, { driver, ...options }: Given): Promise<CacheOptions> {
  if (driver === undefined) return { url, ...options }
  if (driver === '@upstash/redis') {
    const [{ Redis }, { upstash }] = await Promise.all([import('@upstash/redis'), import('fastmiss/upstash')])
    // Connecting is the client's own business.
    const { token, connectTimeout: _connectTimeout, ...others } = options as { readonly token: string; readonly connectTimeout?: number }
    return { ...others, transport: upstash(new Redis({ url, token, retry: { retries: 0 }, enableTelemetry: false })) }
  }
  const { createClient } = driver === 'redis' ? await import('redis') : redis5()
  return { url, ...options, createClient }
}

/** Beside @keyv/redis 5, in a folder of its own. */
function redis5(): { readonly createClient: CreateClient } {
  return createRequire(new URL('../../peers/package.json', import.meta.url))('@redis/client') as { readonly createClient: CreateClient }
}
