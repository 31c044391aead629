import type { Bytes, Request } from './reply.ts'
import { splitInline } from './split-inline.ts'

/** What reached the server is not the protocol. The connection is told and closed. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

/** Bytes of an inline command, or of a number, as in Redis. */
const MAX_LINE = 65_536
/** Bytes of one argument. Redis takes 512 MiB, and a string of JavaScript a little less than that. */
export const MAX_ARGUMENT: number = 268_435_456
const MAX_ARGUMENTS = 2_147_483_647
/** The same before the password was given, as in Redis 7. */
const MAX_STRANGER_ARGUMENT = 16_384
const MAX_STRANGER_ARGUMENTS = 10

const [CR, LF, STAR] = [13, 10, 42] as const

/** Takes what a connection received, in any pieces. */
export interface RequestDecoder {
  /**
   * @param chunk the next bytes
   * @returns the requests that are complete now, one after the other
   * @throws ProtocolError after the requests before it
   */
  decode(chunk: Buffer): Generator<Request, void, undefined>
}

/**
 * Reads requests as a Redis server does: arrays of bulk strings, and lines typed by hand.
 *
 * @param isTrusted whether the client has logged in, or need not: of others only short requests are read
 *
 * Readers of RESP on npm are for clients. They read replies, know no inline command, and tell none of the protocol errors of a server.
 */
export function requestDecoder(isTrusted: () => boolean): RequestDecoder {
  /** What is not used up yet; joined only when it may be enough, or a large value would be copied once a chunk. */
  let chunks: Buffer[] = []
  let size = 0
  /** Bytes without which nothing more can be read. */
  let needed = 1
  let buffer: Buffer = Buffer.alloc(0)
  let at = 0
  /** The request that is being read. */
  let args: Bytes[] = []
  let missing = 0

  /** @returns undefined where there is no whole line yet. @param what is named in the error where it is too long */
  function readLine(end: number, what: string): Bytes | undefined {
    const found = buffer.indexOf(end, at)
    // A line of the protocol ends in CR and LF; the second one is not looked at.
    const isWhole = found !== -1 && (end === LF || found + 1 < buffer.length)
    if (!isWhole) {
      if (buffer.length - at > MAX_LINE) throw new ProtocolError(`too big ${what}`)
      needed = buffer.length - at + 1
      return undefined
    }
    const line = buffer.toString('latin1', at, found)
    at = found + (end === LF ? 1 : 2)
    return line
  }

  function readInline(): Request | undefined {
    const line = readLine(LF, 'inline request')
    if (line === undefined) return undefined
    const words = splitInline(line.endsWith('\r') ? line.slice(0, -1) : line)
    if (words === undefined) throw new ProtocolError('unbalanced quotes in request')
    return words
  }

  /** @returns false where bytes are missing */
  function readHead(): boolean {
    const line = readLine(CR, 'mbulk count string')
    if (line === undefined) return false
    const count = integer(line.slice(1))
    if (count === undefined || count > MAX_ARGUMENTS) throw new ProtocolError('invalid multibulk length')
    if (count > MAX_STRANGER_ARGUMENTS && !isTrusted()) throw new ProtocolError('unauthenticated multibulk length')
    missing = Math.max(0, count)
    args = []
    return true
  }

  /** @returns false where bytes are missing */
  function readArgument(): boolean {
    const start = at
    const line = readLine(CR, 'bulk count string')
    if (line === undefined) return false
    if (!line.startsWith('$')) throw new ProtocolError(`expected '$', got '${line.charAt(0)}'`)
    const length = integer(line.slice(1))
    if (length === undefined || length < 0 || length > MAX_ARGUMENT) throw new ProtocolError('invalid bulk length')
    if (length > MAX_STRANGER_ARGUMENT && !isTrusted()) throw new ProtocolError('unauthenticated bulk length')
    if (buffer.length - at < length + 2) {
      needed = at - start + length + 2
      at = start
      return false
    }
    args.push(buffer.toString('latin1', at, at + length))
    at += length + 2
    missing -= 1
    return true
  }

  /** @returns undefined where bytes are missing; an empty request is none */
  function readRequest(): Request | undefined {
    if (missing === 0) {
      if (at === buffer.length) {
        needed = 1
        return undefined
      }
      if (buffer[at] !== STAR) return readInline()
      if (!readHead()) return undefined
    }
    while (missing > 0) if (!readArgument()) return undefined
    return args
  }

  function* decode(chunk: Buffer): Generator<Request, void, undefined> {
    chunks.push(chunk)
    size += chunk.length
    if (size < needed) return
    buffer = chunks.length === 1 ? chunk : Buffer.concat(chunks, size)
    at = 0
    for (let request = readRequest(); request !== undefined; request = readRequest()) if (request.length > 0) yield request
    const rest = buffer.subarray(at)
    chunks = rest.length === 0 ? [] : [rest]
    size = rest.length
    buffer = rest
  }
  return { decode }
}

function integer(text: string): number | undefined {
  return /^(0|-?[1-9]\d{0,18})$/.test(text) ? Number(text) : undefined
}
