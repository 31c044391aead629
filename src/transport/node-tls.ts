import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { CacheError, scrub } from '../errors.ts'

/**
 * Loads Node's TLS: not by a static import, which a bundle of one file would load for all.
 *
 * @returns `tls.connect`. What that throws is about the caller's `tls`, a version that is none or a certificate that cannot be read, and
 *   says nothing of the other side: it throws a CacheError that names the option
 */
export async function loadTls(): Promise<(options: ConnectionOptions) => TLSSocket> {
  const { connect } = await import('node:tls')
  return (options) => {
    try {
      return connect(options)
    } catch (error) {
      const cause = scrub(error)
      throw new CacheError('protocol', `tls: Node refuses an option (${cause.code ?? cause.name})`, {
        cause,
        phase: 'connect',
        isFatal: true,
        isOutage: true,
      })
    }
  }
}
