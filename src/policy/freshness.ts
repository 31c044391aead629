/** How long a value may be used. All in ms. */
export interface Windows {
  /** Time to live: for so long it is fresh. Undefined: for ever. */
  readonly ttl: number | undefined
  /** After that: for so long it may be served while it is refreshed. */
  readonly swr: number
  /** After that: for so long it may be served where the loader fails. */
  readonly staleIfError: number
}

/** How long an entry is kept, and for which part of it it is fresh. In ms; undefined: for ever. */
export interface Lifetime {
  readonly freshFor: number | undefined
  readonly keepFor: number | undefined
}

/**
 * What a value's windows come to when it is stored.
 *
 * @param jitter up to this fraction of the time to live is taken off, so that what was stored together does not end together
 * @param random from 0 up to 1
 */
export function lifetimeOf({ ttl, swr, staleIfError }: Windows, jitter: number, random: () => number): Lifetime {
  if (ttl === undefined) return { freshFor: undefined, keepFor: undefined }
  // Over already: no window follows.
  if (ttl <= 0) return { freshFor: 0, keepFor: 0 }
  const freshFor = jitter === 0 ? ttl : Math.max(1, Math.round(ttl * (1 - jitter * random())))
  return { freshFor, keepFor: freshFor + Math.max(swr, staleIfError) }
}

/** What may be done with a stored value: serve it, serve it and refresh it, serve it only if the loader fails, nothing. */
export type Freshness = 'fresh' | 'stale' | 'stale-if-error' | 'expired'

/**
 * @param freshUntil epoch ms; undefined: for ever
 * @param at now, epoch ms
 */
export function freshnessOf(freshUntil: number | undefined, at: number, { swr, staleIfError }: Omit<Windows, 'ttl'>): Freshness {
  if (freshUntil === undefined || at < freshUntil) return 'fresh'
  if (at < freshUntil + swr) return 'stale'
  return at < freshUntil + staleIfError ? 'stale-if-error' : 'expired'
}
