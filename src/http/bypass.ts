import type { Target } from './key.ts'
import { isContradicting } from './request-fields.ts'
import { parseCookies } from './vary.ts'

/** What is declared about requests. All names in lower case, cookies excepted. */
export interface BypassOptions {
  /** Fields that select, so that they may differ from what the runtime reports. */
  readonly vary: readonly string[]
  /** Cookies that select. */
  readonly cookies: readonly string[]
  /** Cookies that no response depends on; true for all others. */
  readonly ignoreCookies: readonly string[] | true
  /** Fields that the application may believe instead of the URL. */
  readonly believedHeaders: ReadonlySet<string>
}

/** Why a request goes past the cache: in neither direction is anything looked up or stored. Undefined where it need not. */
export function bypassReason({ method, headers }: Pick<Request, 'method' | 'headers'>, target: Target, options: BypassOptions): string | undefined {
  if (headers.has('content-length') ? headers.get('content-length') !== '0' : headers.has('transfer-encoding')) return 'body'
  if (headers.has('upgrade')) return 'upgrade'
  // Preconditions of a write: only the handler can tell (RFC 9111 §4.3.2).
  if (headers.has('if-match') || headers.has('if-unmodified-since')) return 'precondition'
  const range = headers.get('range')
  if (range !== null && !/^bytes=/i.test(range)) return 'range-unit'
  // One walk over what is there: most requests have none of the many.
  for (const name of headers.keys()) {
    if (!options.believedHeaders.has(name) || options.vary.includes(name)) continue
    if (isContradicting(name, headers.get(name) ?? '', target, method)) return 'override'
  }
  if (!options.vary.includes('forwarded') && contradicts(headers.get('forwarded'), target)) return 'override'
  if (hasOtherCookies(headers, options)) return 'cookie'
  // The last, since a platform may know better. A request line with the whole URL counts more than Host (RFC 9112 §3.2.2).
  const host = headers.get('host')
  return host !== null && host !== target.host && !options.vary.includes('host') ? 'host' : undefined
}

/** `Forwarded` names another host or scheme (RFC 7239), or cannot be read. */
function contradicts(forwarded: string | null, { scheme, host }: Target): boolean {
  return (forwarded?.split(/[;,]/) ?? []).some((pair) => {
    const [name = '', ...rest] = pair.split('=')
    const value = rest
      .join('=')
      .trim()
      .replace(/^"(.*)"$/, '$1')
    const field = name.trim().toLowerCase()
    return field === 'host' ? value !== host : field === 'proto' ? value !== scheme : !/^(?:for|by|)$|^[\w-]+$/.test(field)
  })
}

function hasOtherCookies(headers: Headers, { vary, cookies, ignoreCookies }: BypassOptions): boolean {
  const text = headers.get('cookie')
  if (text === null || vary.includes('cookie') || (ignoreCookies === true && cookies.length === 0)) return false
  // Parsers do not agree on what lies beyond ASCII: one may trim what another takes for a part of the name.
  if (/[^\t -~]/.test(text)) return true
  if (ignoreCookies === true) return false
  // A runtime may join two lines with a comma: what looks like an ignored cookie then holds another one.
  return parseCookies(headers).some(([name, value]) => !cookies.includes(name) && (!ignoreCookies.includes(name) || value.includes(',')))
}
