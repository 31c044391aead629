import { milliseconds, parseCacheControl } from './cache-control.ts'

/** What a request asks of caches (RFC 9111 §5.2.1). Durations in ms. */
export interface RequestDirectives {
  readonly noStore: boolean
  readonly noCache: boolean
  readonly onlyIfCached: boolean
  readonly maxAge: number | undefined
  readonly minFresh: number | undefined
  /** Infinity without an argument. */
  readonly maxStale: number | undefined
}

const NONE: RequestDirectives = {
  noStore: false,
  noCache: false,
  onlyIfCached: false,
  maxAge: undefined,
  minFresh: undefined,
  maxStale: undefined,
}

/**
 * The request's directives.
 *
 * @param allowsReload whether a client may force or soften a lookup; if not, only `no-store` and `only-if-cached` count
 */
export function requestDirectives(headers: Headers, allowsReload: boolean): RequestDirectives {
  const text = headers.get('cache-control')
  // `Pragma` counts only where there is no Cache-Control (RFC 9111 §5.4).
  if (text === null) {
    if (!allowsReload || !headers.has('pragma')) return NONE
    return { ...NONE, noCache: parseCacheControl(headers.get('pragma')).values.has('no-cache') }
  }
  const directives = parseCacheControl(text)
  const { values, isDoubtful } = directives
  const plain = { ...NONE, noStore: isDoubtful || values.has('no-store'), onlyIfCached: values.has('only-if-cached') }
  if (!allowsReload) return plain
  return {
    ...plain,
    noCache: values.has('no-cache'),
    maxAge: milliseconds(directives, 'max-age'),
    minFresh: milliseconds(directives, 'min-fresh'),
    maxStale: values.get('max-stale') === '' ? Infinity : milliseconds(directives, 'max-stale'),
  }
}
