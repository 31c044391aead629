import type { Endpoint } from './link.ts'

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'redis:': 6379, 'rediss:': 6379, 'http:': 80, 'https:': 443 }

/** A target's address, and how its URL reads when the proxy stands in front of it. */
export interface Target extends Endpoint {
  readonly proxyHost: string
  urlAt(port: number): string
}

/**
 * Reads the URL of a TCP service.
 *
 * @param target a URL with a host: `redis://:secret@127.0.0.1:6379/0`, `http://localhost:8080`, `tcp://127.0.0.1:5432`
 * @throws TypeError where it is not a URL, or has no port and none that goes without saying
 */
export function parseTarget(target: string): Target {
  if (!URL.canParse(target)) throw new TypeError('target: expected a URL, such as redis://127.0.0.1:6379')
  const url = new URL(target)
  const port = url.port === '' ? DEFAULT_PORTS[url.protocol] : Number(url.port)
  if (port === undefined) throw new TypeError(`target: a URL with a port is needed, the scheme ${url.protocol} has none of its own`)
  // A certificate may be for the name: keep it where it leads to this machine.
  const proxyHost = url.hostname === 'localhost' ? 'localhost' : '127.0.0.1'
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    proxyHost,
    urlAt: (proxyPort) => {
      const own = new URL(url)
      own.hostname = proxyHost
      own.port = String(proxyPort)
      return own.href
    },
  }
}
