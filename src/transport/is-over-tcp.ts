import { isNodesScheme, schemeOf } from '../options/url.ts'
import { isTcpScheme } from './tcp/address.ts'
import type { Transport } from './transport.ts'

/** Whether options lead to a TCP connection, which can be kept between calls. */
export function isOverTcp({ url, transport }: { readonly url?: string | undefined; readonly transport?: Transport }): boolean {
  if (transport !== undefined) return ['tcp', 'cluster', 'sentinel'].includes(transport.name)
  const scheme = typeof url === 'string' ? schemeOf(url.toLowerCase()) : ''
  return isTcpScheme(scheme) || isNodesScheme(scheme)
}
