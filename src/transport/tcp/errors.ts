import { CacheError, type Phase, scrub } from '../../errors.ts'
import { TLS_FAILURE } from '../tls-failure.ts'

/** System codes of a peer that could not be reached, or that went away. */
const UNREACHABLE = /^(E(CONN|HOST|NET|PIPE|ADDR|AI_|NOTFOUND|TIMEDOUT|NOENT|ACCES|PERM|MFILE)|ABORT_ERR)/
/** @redis/client 6.3 and workerd's sockets give these no code, and a minifier may rename classes: the message is what there is. */
const HUNG_UP = /^(Socket closed|Socket timeout|Connection timeout|The client is|Disconnects client|proxy request failed|Network connection lost)/

/** A failure of the connection itself, from whatever the driver reported. */
export function toConnectionError(error: unknown, phase: Phase): CacheError {
  if (error instanceof CacheError) return error
  if (isErrorReply(error)) return handshakeError(toReplyError(error), phase)
  const cause = scrub(error)
  const details = { cause, phase, isFatal: true, isOutage: true, isLost: true }
  const { code = '' } = cause
  if (TLS_FAILURE.test(code)) return new CacheError('protocol', `The TLS handshake failed (${code})`, { ...details, isLost: false })
  if (UNREACHABLE.test(code) || (error instanceof Error && HUNG_UP.test(error.message))) {
    return new CacheError('unreachable', `The connection could not be opened or was lost (${code || 'closed by the other side'})`, details)
  }
  return new CacheError('protocol', 'The other side does not speak the Redis protocol', { ...details, isLost: false })
}

/** An error reply to a command. The message is Redis's code only: the rest may quote the command. */
export function toReplyError(error: unknown): CacheError {
  if (!isErrorReply(error)) return toConnectionError(error, 'command')
  const code = /^[A-Z][A-Z0-9]*(?= |$)/.exec(error.message)?.[0] ?? 'ERR'
  const cause = { name: 'ErrorReply', code }
  if (code === 'NOAUTH' || code === 'WRONGPASS' || /^ERR (invalid password|Client sent AUTH|AUTH )/i.test(error.message)) {
    return new CacheError('auth', `Redis refused the credentials (${code})`, { cause, isFatal: true, isOutage: true })
  }
  if (code === 'NOPERM') return new CacheError('auth', 'The user may not run this command or use this key (NOPERM)', { cause })
  // Both are about the server and not about this command.
  const isSick = code === 'LOADING' || error.message.startsWith('ERR max number of clients')
  const redirect = code === 'MOVED' || code === 'ASK' ? { redirect: error.message } : {}
  return new CacheError('reply', `Redis answered with an error (${code})`, { cause, isFatal: isSick, isOutage: isSick, ...redirect })
}

/** Every error that answers the handshake is the end of the connection. */
function handshakeError({ code, message, cause }: CacheError, phase: Phase): CacheError {
  return new CacheError(code, message, { cause: scrub(cause), phase, isFatal: true, isOutage: true })
}

/** By shape, not by class: the caller's `createClient` may bring another copy of the package. Redis begins with a code in capitals. */
function isErrorReply(error: unknown): error is Error {
  return error instanceof Error && !('code' in error) && /^[A-Z][A-Z0-9]+( |$)/.test(error.message)
}
