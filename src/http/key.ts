/** The parts of a request's URL, as received. */
export interface Target {
  readonly scheme: string
  readonly host: string
  readonly path: string
  /** With its question mark, or empty. */
  readonly query: string
}

/**
 * Takes a URL apart without normalising it, as a router sees `/a/../b` where a parser sees `/b`; but no path is the root (RFC 9110 §4.2.3).
 *
 * @returns undefined for anything but an absolute http(s) URL without user information and fragment, which no client sends
 */
export function parseTarget(url: string): Target | undefined {
  const [, scheme, host, path, query = ''] = /^(https?):\/\/([^/?#@\\\s]+)(?![^/?#])([^?#]*)(\?[^#]*)?$/.exec(url) ?? []
  return scheme === undefined || host === undefined ? undefined : { scheme, host, path: path || '/', query }
}

/** Scheme and host as received. */
export function originOf({ scheme, host }: Target): string {
  return `${scheme}://${host}`
}

/** Raised when the text changes: what an older version wrote is then a miss. */
const KEY_VERSION = 2

/** What of a URL selects a response. */
export interface KeyOptions {
  /** The parameters that count; others do not select. Default: the whole query as received. */
  readonly allowQuery?: readonly string[] | undefined
  /** Stands in for path and query. */
  readonly key?: string | undefined
}

/**
 * The text that identifies a resource: version, namespace, method class, scheme, host, path, query. Only its hash is a key; the
 * text itself is stored and compared.
 *
 * @param namespace the prefix of the cache's keys: an entry that was moved to where another namespace looks is a miss
 */
export function keyText(namespace: string, { scheme, host, path, query }: Target, { allowQuery, key }: KeyOptions = {}): string {
  const rest = key === undefined ? ['url', path, allowQuery === undefined ? query : allowed(query, allowQuery)] : ['key', key]
  return JSON.stringify([KEY_VERSION, namespace, 'GET', scheme, host, ...rest])
}

function allowed(query: string, names: readonly string[]): readonly string[] {
  return query
    .slice(1)
    .split('&')
    .filter((pair) => names.includes(decodeName(pair.split('=', 1)[0] ?? '')))
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return name
  }
}

/** SHA-256 as hexadecimal digits. */
export async function hashText(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
