import { internalsOf } from '../facade/internals.ts'
import { groupTag } from '../http/groups.ts'
import { hashText, keyText, type KeyOptions, parseTarget } from '../http/key.ts'
import type { CacheOperations } from '../facade/operations.ts'
import { forget } from './response/forget.ts'

/** What to purge. */
export type Purge = PurgeUrl | PurgeTag | PurgeGroup

/** One URL with all its variants, and the options of {@link responseCache} that its key depends on. */
export interface PurgeUrl extends KeyOptions {
  /** Absolute, as the runtime reports it to the app. */
  readonly url: string
}

/** Every response with a tag, of `Cache-Tag` or of the option `tags`. */
export interface PurgeTag {
  readonly tag: string
}

/** Every response of a group (RFC 9875). */
export interface PurgeGroup {
  readonly group: string
  /** Scheme and host: `https://shop.example`. */
  readonly origin: string
}

/**
 * Makes stored responses invalid. It is a function to call, not a route: nothing is exposed.
 *
 * @returns true where Redis confirmed
 * @throws TypeError where the URL is not an absolute http(s) URL
 * @example
 * ```ts
 * await purge(cache, { url: 'https://shop.example/api/products?page=1' })
 * await purge(cache, { tag: 'products' })
 * ```
 */
export async function purge(cache: CacheOperations, what: Purge): Promise<boolean> {
  if ('tag' in what) return cache.invalidateTags([what.tag])
  if ('group' in what) return cache.invalidateTags([groupTag(what.origin, what.group)])
  const { url, ...options } = what
  const target = parseTarget(url)
  if (target === undefined) throw new TypeError('url: expected an absolute http(s) URL')
  return forget(cache, [keyText(internalsOf(cache).options.keys.prefix, target, options)], hashText)
}
