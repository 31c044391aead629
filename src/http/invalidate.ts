/** Methods that change nothing (RFC 9110 §9.2.1); an unknown one may change anything. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY'])

/** Whether a method changes nothing. */
export function isSafeMethod(method: string): boolean {
  return SAFE.has(method)
}

/** The URLs whose stored responses a response to an unsafe method makes invalid (RFC 9111 §4.4): never another origin's. */
export function invalidatedUrls(url: string, status: number, headers: Headers): readonly string[] {
  if (status < 200 || status > 399) return []
  const urls = new Set([withoutFragment(url)])
  for (const name of ['location', 'content-location']) {
    const other = sameOrigin(headers.get(name), url)
    if (other !== undefined) urls.add(other)
  }
  return [...urls]
}

function sameOrigin(reference: string | null, url: string): string | undefined {
  if (reference === null || !URL.canParse(reference, url)) return undefined
  const other = new URL(reference, url)
  return other.origin === new URL(url).origin ? withoutFragment(other.href) : undefined
}

function withoutFragment(url: string): string {
  return url.split('#', 1)[0] ?? url
}
