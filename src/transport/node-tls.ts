import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { CacheError, scrub } from '../errors.ts'

/**
 * `tls.connect`. What it throws is about the caller's `tls`, a version that is none or a certificate that cannot be read, and says
 * nothing of the other side.
 *
 * @throws CacheError that names the option
 */
export function connectTls(options: ConnectionOptions): TLSSocket {
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
