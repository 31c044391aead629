import type { FetchCache } from '../../options/types.ts'
import { size } from '../../options/checks.ts'
import { parseUrl, refuseParameters } from '../../options/url.ts'
import type { Endpoint } from './exchange.ts'
import { fetchRequester, type Requester } from './request.ts'

/** Options of a transport over HTTP. */
export interface HttpOptions {
  /** The REST address: `https://….upstash.io`, or `http://` for local use. */
  readonly url: string | URL
  /** The REST token. */
  readonly token: string | undefined
  /** The longest answer that is read, in bytes; a longer one is cut off. Default 16,777,216 (16 MiB). */
  readonly maxReplyBytes?: number
  /** `cache` of each fetch. Default `no-store`. */
  readonly fetchCache?: FetchCache | undefined
  /** Default: the runtime's fetch. */
  readonly requester?: Requester
}

/**
 * Where requests go, checked and decoded.
 *
 * @throws TypeError or RangeError where an option cannot be used; it never quotes the URL or the token
 */
export function toEndpoint({ url, token, maxReplyBytes = 16_777_216, fetchCache = 'no-store', requester = fetchRequester }: HttpOptions): Endpoint {
  const parsed = parseUrl(String(url))
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') throw new TypeError('url: expected https:// or http://')
  if (parsed.username !== '' || parsed.password !== '') {
    throw new TypeError('url: a REST address holds no user or password; give the token as the option token')
  }
  refuseParameters(parsed, [], 'a REST address takes none')
  if (token === undefined || token === '') throw new TypeError('token: required with an https: URL; it is the REST token of Upstash')
  if (!/^[\x21-\x7e]+$/.test(token)) throw new TypeError('token: has characters that no header can carry, such as a space or a line break')
  return {
    url: `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}/pipeline`,
    authorization: `Bearer ${token}`,
    maxReplyBytes: size('maxReplyBytes', maxReplyBytes),
    requester,
    fetchCache,
    hasAnswered: false,
  }
}
