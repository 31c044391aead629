import { asCacheError, CacheError, scrub, type ScrubbedCause } from '../../errors.ts'
import type { HttpAnswer } from './request.ts'
import { TLS_FAILURE } from '../tls-failure.ts'

/** undici and Bun tell so where a connection was closed under a request. */
const RESET = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|ConnectionClosed)$/
/** The other side speaks something else than HTTP: llhttp's codes, and undici's for headers without end. */
const NOT_HTTP = /^(HPE_|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES)/

/** Upstash's own limits, as its documentation words them. */
const TOO_LARGE = /^ERR max (request|single record|key) size exceeded/

/** Whether the connection was lost under a request. Node and Bun tell by a code, workerd by saying that one may try again. */
export function isReset(error: unknown): boolean {
  try {
    return RESET.test(causeOf(error).code ?? '') || (error instanceof Error && 'retryable' in error && error.retryable === true)
  } catch {
    // A getter of what was thrown threw.
    return false
  }
}

/** A failure of the request as a whole. */
export function toHttpError(error: unknown): CacheError {
  const own = asCacheError(error)
  if (own !== undefined) return own
  const cause = causeOf(error)
  const details = { cause, phase: 'command', isFatal: true, isOutage: true } as const
  const { name, code = '' } = cause
  // undici 7 names its parser's errors, and gives a code to some of them only.
  if (NOT_HTTP.test(code) || name === 'HTTPParserError') {
    return new CacheError('protocol', `The other side does not speak HTTP (${code || name})`, details)
  }
  if (TLS_FAILURE.test(code) || code.includes('EPROTO')) return new CacheError('protocol', `The TLS handshake failed (${code})`, details)
  return new CacheError('unreachable', `The request could not be sent, or its connection was lost (${code || 'no code'})`, details)
}

/** @returns why this response is no answer; undefined where its body is to be read */
export function statusError({ status, type, headers }: HttpAnswer): CacheError | undefined {
  const details = { cause: { name: 'HttpStatus', status }, isFatal: true, isOutage: true }
  if (type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    return new CacheError('protocol', 'The server redirects; the request was not sent on', details)
  }
  if (status === 401 || status === 403) return new CacheError('auth', `The server refused the token (HTTP ${status})`, details)
  // About this request alone; the invocation goes on.
  if (status === 413) return new CacheError('oversize', 'The server takes no request of this size (HTTP 413)', { cause: details.cause })
  if (status < 200 || status > 299) {
    // Any other 4xx is about this request and says nothing about the server's health.
    const isOutage = status === 429 || status >= 500
    return new CacheError('reply', `The server answered HTTP ${status}`, { ...details, isOutage })
  }
  return /\bhtml\b/i.test(headers.get('content-type') ?? '') ? protocolError('an HTML page') : undefined
}

/** An error that answers one command. The message is Redis's code only: the rest may quote the command. */
export function toItemError(message: string): CacheError {
  const code = /^[A-Z][A-Z0-9]{0,31}(?= |$)/.exec(message)?.[0] ?? 'ERR'
  const cause = { name: 'ErrorReply', code }
  if (code === 'NOAUTH' || code === 'WRONGPASS') {
    return new CacheError('auth', `Redis refused the credentials (${code})`, { cause, isFatal: true, isOutage: true })
  }
  if (code === 'NOPERM') return new CacheError('auth', 'The token may not run this command or use this key (NOPERM)', { cause })
  if (TOO_LARGE.test(message)) return new CacheError('oversize', 'The key or the value is larger than the server takes', { cause })
  // About the server and not about this command; DENIED is protected mode, which hangs up on everybody from outside.
  const isSick = code === 'LOADING' || code === 'DENIED' || message.startsWith('ERR max number of clients')
  return new CacheError('reply', `Redis answered with an error (${code})`, { cause, isFatal: isSick, isOutage: isSick })
}

/** The other side is not Upstash. */
export function protocolError(what: string): CacheError {
  return new CacheError('protocol', `The server sent ${what}`, { isFatal: true, isOutage: true })
}

/** @param isConclusive false where the event loop was blocked: that says nothing about the server */
export function timedOut(wait: number, isConclusive: boolean): CacheError {
  const details = { phase: 'command', isFatal: true, isOutage: isConclusive } as const
  return new CacheError('timeout', `No answer within ${Math.max(0, Math.round(wait))} ms`, details)
}

/** There was much to be read, and it still came: about this request alone. */
export function tookTooLong(wait: number): CacheError {
  return new CacheError('timeout', `Not all of the answer came within ${Math.max(0, Math.round(wait))} ms`, { phase: 'command' })
}

/** fetch wraps what happened in a TypeError of no code; Bun sets the code on the error itself. */
function causeOf(error: unknown): ScrubbedCause {
  try {
    const inner: unknown = error instanceof Error ? error.cause : undefined
    return scrub(inner ?? error)
  } catch {
    return scrub(error)
  }
}
