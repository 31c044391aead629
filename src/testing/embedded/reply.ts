/** Bytes as text, one character (U+0000 to U+00FF) a byte: it compares, slices and keys a map as it is, and loses nothing. */
export type Bytes = string

/** A command and its arguments. */
export type Request = readonly Bytes[]

/** A short word of the server: `+OK`. */
export interface Status {
  readonly status: string
}

/** An array that is not there: an EXEC that a WATCH stopped. RESP2 tells it from a missing string. */
export const NO_ARRAY: unique symbol = Symbol('no array')

/** What a command answers. A string is bulk, a Set and a Map are arrays in RESP2, a RedisError an error in its place. */
export type Reply =
  | Bytes
  | number
  | bigint
  | null
  | Status
  | RedisError
  | typeof NO_ARRAY
  | readonly Reply[]
  | ReadonlySet<Bytes>
  | ReadonlyMap<Bytes, Reply>

/** An error reply. The message begins with its code, as Redis has it: `ERR`, `WRONGTYPE`. */
export class RedisError extends Error {
  override readonly name = 'RedisError'
}

export const OK: Status = { status: 'OK' }

/** @returns the error of a command whose options do not fit together */
export function syntaxError(): RedisError {
  return new RedisError('ERR syntax error')
}
