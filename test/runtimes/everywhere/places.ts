import type { CacheOptions } from 'fastmiss'
import type { Wire } from './cases.ts'

/** Where one kind of server is, well and sick. */
interface Servers {
  readonly healthy: string
  readonly refusing: string
  readonly silent: string
}

/** What a runtime is told. */
export interface Places {
  /** Keeps apart what several store in one Redis. */
  readonly namespace: string
  readonly tcp: Servers
  readonly rest: Servers
  readonly token: string
}

/** @param overTcp how this runtime makes a cache over TCP; undefined where it has no sockets */
export function wiresTo({ namespace, tcp, rest, token }: Places, overTcp?: (url: string) => CacheOptions): Wire[] {
  const overRest = (url: string): CacheOptions => ({ url, token })
  const wire = (name: string, { healthy, refusing, silent }: Servers, optionsOf: (url: string) => CacheOptions): Wire => ({
    name,
    healthy: { ...optionsOf(healthy), timeout: 5_000, namespace: `${namespace}-${name}` },
    refusing: optionsOf(refusing),
    silent: optionsOf(silent),
  })
  return [
    ...(overTcp === undefined ? [] : [wire('TCP', tcp, overTcp)]),
    wire('REST', rest, overRest),
    { name: 'memory', healthy: { url: 'memory:' } },
  ]
}
