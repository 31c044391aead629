import { keyText, type KeyOptions, parseTarget } from '../http/key.ts'
import { hashText } from '../http/key.ts'
import type { CacheOperations } from '../types.ts'
import { forget } from './response-store.ts'

/** What to purge, with the options of {@link responseCache} that the key depends on. */
export interface PurgeUrl extends KeyOptions {
  /** Absolute, as the runtime reports it to the app. */
  readonly url: string
}

/**
 * Forgets the stored response of a URL, all its variants included. It is a function to call, not a route: nothing is exposed.
 *
 * @returns true where Redis confirmed
 * @throws TypeError where the URL is not an absolute http(s) URL
 * @example
 * ```ts
 * await purge(cache, { url: 'https://shop.example/api/products?page=1' })
 * ```
 */
export async function purge(cache: CacheOperations, { url, ...options }: PurgeUrl): Promise<boolean> {
  const target = parseTarget(url)
  if (target === undefined) throw new TypeError('url: expected an absolute http(s) URL')
  return forget(cache, [keyText(target, options)], hashText)
}
