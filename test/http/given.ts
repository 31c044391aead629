import { freshnessOf, type Freshness, type FreshnessDefaults } from '../../src/http/freshness.ts'
import type { StoredResponse } from '../../src/http/stored.ts'
import { responsePolicy } from '../../src/http/targeted.ts'

/** Sun, 06 Nov 1994 08:49:37 GMT: the example of the RFC. */
export const NOW = 784_111_777_000

export const NO_DEFAULTS: FreshnessDefaults = { ttl: undefined, swr: 0, staleIfError: 0, heuristic: true }

export function utc(at: number): string {
  return new Date(at).toUTCString()
}

export function freshnessOfFields(fields: Record<string, string>, status = 200, defaults = NO_DEFAULTS): Freshness | undefined {
  const headers = new Headers(fields)
  return freshnessOf({ status, headers }, responsePolicy(headers, ['cdn-cache-control']), NOW, defaults)
}

/** A response stored at {@link NOW}. */
export function givenStored(fields: Record<string, string> = {}, more: Partial<StoredResponse> = {}): StoredResponse {
  const freshness = freshnessOfFields({ 'cache-control': 'max-age=60', ...fields })
  if (freshness === undefined) throw new Error('not cacheable')
  const headers = [...new Headers({ date: utc(NOW), ...fields })]
  return {
    key: 'k',
    vary: [],
    status: 200,
    headers,
    body: 'hello',
    responseAt: NOW,
    initialAge: 0,
    freshness,
    tags: [['a', 'b']],
    ...more,
  }
}
