/**
 * Why an operation was answered without Redis.
 *
 * - `timeout` no answer in time; `phase` tells whether the connection or the command was waited for
 * - `unreachable` refused, reset, closed, or no such host
 * - `auth` credentials missing or refused
 * - `protocol` the other side speaks neither Redis nor Upstash, or redirects; or TLS failed
 * - `reply` Redis answered with an error (READONLY, OOM, LOADING, max clients …) or HTTP 4xx/5xx
 * - `cooldown` a failure just seen is remembered; nothing was sent
 * - `deadline` the caller's deadline has passed
 * - `aborted` the caller's signal fired
 * - `oversize` a key, tag, value or reply beyond the limits
 * - `decode` the stored bytes are not an entry, the value cannot be written as one, or the key or tag is no well-formed text
 * - `closed` the invocation is closed
 * - `driver` the driver could not be loaded; the message is the loader's. Nothing was sent, and no cooldown follows
 */
export type Reason =
  | 'timeout'
  | 'unreachable'
  | 'auth'
  | 'protocol'
  | 'reply'
  | 'cooldown'
  | 'deadline'
  | 'aborted'
  | 'oversize'
  | 'decode'
  | 'closed'
  | 'driver'

/** Which wait ran out: opening the connection (TLS and handshake included) or the command itself. */
export type Phase = 'connect' | 'command'

/** A driver's error with everything removed that may quote a key, a value or a credential. */
export interface ScrubbedCause {
  readonly name: string
  /** A system, TLS or Redis error code, such as `ECONNREFUSED`, `CERT_HAS_EXPIRED` or `READONLY`. */
  readonly code?: string
  /** The HTTP status, over HTTP. */
  readonly status?: number
}

/** What a failure says beside its code. */
export interface CacheErrorDetails {
  readonly phase?: Phase
  readonly cause?: ScrubbedCause
  /** True where the connection itself failed: it is not used again, and the rest of the invocation is degraded. */
  readonly isFatal?: boolean
  /** True where the failure says that Redis is sick, so that the cooldown remembers it. */
  readonly isOutage?: boolean
  /** True where the command got no answer because its connection went away: a fresh one may do better. */
  readonly isLost?: boolean
  /** The error reply as Redis wrote it, where it says where the key lives: `MOVED 3999 10.0.0.1:6379`. It names no key. */
  readonly redirect?: string
}

/**
 * The one error class. It is returned inside results, never thrown for a cache fault.
 * `code` is stable; the message never holds a key, a value, a token or a URL with credentials.
 * `instanceof` holds for the errors of every copy: the package is there as an ES module and as CommonJS.
 */
export class CacheError extends Error {
  override readonly name = 'CacheError'
  readonly code: Reason
  readonly phase: Phase | undefined
  declare readonly cause: ScrubbedCause | undefined
  readonly isFatal: boolean
  readonly isOutage: boolean
  readonly isLost: boolean
  readonly redirect: string | undefined

  constructor(code: Reason, message: string, details: CacheErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.phase = details.phase
    this.isFatal = details.isFatal ?? false
    this.isOutage = details.isOutage ?? false
    this.isLost = details.isLost ?? false
    this.redirect = details.redirect
  }

  /** For a logger's `JSON.stringify`, which leaves out the message of an Error. As safe to show as the error itself. */
  toJSON(): CacheErrorJson {
    const { name, code, message, phase, cause } = this
    return { name, code, message, ...(phase === undefined ? {} : { phase }), ...(cause === undefined ? {} : { cause: scrub(cause) }) }
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'CacheError'
  }
}

/** A {@link CacheError} as JSON. */
export interface CacheErrorJson {
  readonly name: 'CacheError'
  readonly code: Reason
  readonly message: string
  readonly phase?: Phase
  readonly cause?: ScrubbedCause
}

/**
 * A picture of any thrown value that is safe to show: name, code and status only.
 * Redis and Upstash quote commands, values included, in their messages.
 *
 * @param error whatever a driver threw
 * @returns its name, and its code and status where they have the shape of one
 */
export function scrub(error: unknown): ScrubbedCause {
  if (typeof error !== 'object' || error === null) return { name: typeof error }
  try {
    const { name, code, status } = error as { name?: unknown; code?: unknown; status?: unknown }
    return {
      name: isIdentifier(name) ? name : 'Error',
      ...(isIdentifier(code) ? { code } : {}),
      ...(typeof status === 'number' ? { status } : {}),
    }
  } catch {
    // A getter of what was thrown threw.
    return { name: 'Error' }
  }
}

/** @returns what was thrown, where it is an error of this library. Never throws, whatever it is */
export function asCacheError(error: unknown): CacheError | undefined {
  try {
    return error instanceof CacheError ? error : undefined
  } catch {
    return undefined
  }
}

/** Codes and class names only: anything longer or with other characters may be a quoted value. */
function isIdentifier(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(value)
}
