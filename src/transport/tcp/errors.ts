import { asCacheError, CacheError, type Phase, scrub } from '../../errors.ts'
import { TLS_FAILURE } from '../tls-failure.ts'

/** System codes of a peer that could not be reached, or that went away. */
const UNREACHABLE = /^(E(CONN|HOST|NET|PIPE|ADDR|AI_|NOTFOUND|TIMEDOUT|NOENT|ACCES|PERM|MFILE)|ABORT_ERR)/
/** @redis/client 6.3 and workerd's sockets give these no code, and a minifier may rename classes: the message is what there is. */
const HUNG_UP =
  /^(Socket closed unexpectedly$|Socket timeout |Connection timeout$|The client is (closed|offline)$|Disconnects client$|The command was aborted$|proxy request failed|Network connection lost)/

/** What Redis begins an error reply with. */
const CODE = /^([A-Z][A-Z0-9]+)(?: |$)/
/** Redis before 6 gives these no code, and knows no user names. Redis 7 hangs up on a long request before the password. */
const REFUSED_CREDENTIALS = /^ERR (invalid pass|client sent auth|auth |wrong .*'auth'|proto.*unauth)/i

/** A failure of the connection itself, from whatever the driver reported. */
export function toConnectionError(error: unknown, phase: Phase): CacheError {
  const own = asCacheError(error)
  if (own !== undefined) return own
  if (isErrorReply(error)) return handshakeError(toReplyError(error), phase)
  const cause = scrub(error)
  const details = { cause, phase, isFatal: true, isOutage: true, isLost: true }
  const { code = '' } = cause
  if (TLS_FAILURE.test(code)) return new CacheError('protocol', `The TLS handshake failed (${code})`, { ...details, isLost: false })
  if (UNREACHABLE.test(code) || HUNG_UP.test(messageOf(error))) {
    return new CacheError('unreachable', `The connection could not be opened or was lost (${code || 'closed by the other side'})`, details)
  }
  return new CacheError('protocol', 'The other side does not speak the Redis protocol', { ...details, isLost: false })
}

/** What the driver threw where it should have answered with a promise. */
export function toDriverError(error: unknown, phase: Phase): CacheError {
  const told = toConnectionError(error, phase)
  if (told.code !== 'protocol' || told === error || TLS_FAILURE.test(told.cause?.code ?? '')) return told
  return new CacheError('unreachable', 'The driver threw an error instead of sending', { cause: scrub(error), phase, isFatal: true, isOutage: true })
}

/** An error reply to a command. The message is Redis's code only: the rest may quote the command. */
export function toReplyError(error: unknown): CacheError {
  if (!isErrorReply(error)) return toConnectionError(error, 'command')
  const message = messageOf(error)
  const code = CODE.exec(message)?.[1] ?? 'ERR'
  const cause = { name: 'ErrorReply', code }
  if (code === 'NOAUTH' || code === 'WRONGPASS' || REFUSED_CREDENTIALS.test(message)) {
    return new CacheError('auth', `Redis refused the credentials (${code})`, { cause, isFatal: true, isOutage: true })
  }
  if (code === 'NOPERM') return new CacheError('auth', 'The user may not run this command or use this key (NOPERM)', { cause })
  // About the server and not about this command; DENIED is protected mode, which hangs up on everybody from outside.
  const isSick = code === 'LOADING' || code === 'DENIED' || message.startsWith('ERR max number of clients')
  const redirect = code === 'MOVED' || code === 'ASK' ? { redirect: message } : {}
  return new CacheError('reply', `Redis answered with an error (${code})`, { cause, isFatal: isSick, isOutage: isSick, ...redirect })
}

/** Every error that answers the handshake is the end of the connection. */
function handshakeError({ code, message, cause }: CacheError, phase: Phase): CacheError {
  return new CacheError(code, message, { cause: scrub(cause), phase, isFatal: true, isOutage: true })
}

/**
 * By shape, not by class: the caller's `createClient` may bring another copy of the package, and a minifier renames classes. Redis
 * begins with a code in capitals. Proxies write what they like (envoy: "no upstream host"), and the driver (5 and 6) has a class of
 * its own for replies, which unlike its other ones that have no code says nothing of its own.
 */
function isErrorReply(error: unknown): boolean {
  try {
    if (!(error instanceof Error) || 'code' in error) return false
    if (CODE.test(error.message)) return true
    return error.name === 'Error' && Object.getPrototypeOf(error) !== Error.prototype && !HUNG_UP.test(error.message)
  } catch {
    // A getter of what was thrown threw.
    return false
  }
}

function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : ''
  } catch {
    return ''
  }
}
