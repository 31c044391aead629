import type { WrapOptions } from 'fastmiss'
import type { TestCache } from 'fastmiss/testing'

/** `k` holds 'stored'. */
export async function stored(cache: TestCache, options: WrapOptions = {}): Promise<void> {
  await cache.wrap('k', () => 'stored', options)
}

/** `k` holds 'stored', written 1.5 s ago. */
export async function staleIn(cache: TestCache, options: WrapOptions): Promise<void> {
  await stored(cache, options)
  cache.clock.advance(1_500)
}
