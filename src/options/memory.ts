import { describe, duration, isObject, refuseUnknown, size } from './checks.ts'

/** Bounds of the copies that a cache keeps in its process. */
export interface MemoryOptions {
  /** ms that a copy answers without asking Redis: a change made elsewhere is seen at most so much later. Default 5,000. */
  readonly ttl?: number
  /** How many copies; the least recently used goes first. Default 10,000. */
  readonly entries?: number
  /** Bytes of keys and stored texts, all copies together; a text above a tenth of it is not kept. Default 16,777,216 (16 MiB). */
  readonly bytes?: number
  /**
   * ms since Redis last confirmed a copy for which it may answer while Redis gives no answer. Default 3,600,000 (an hour).
   * 0 is never: then nothing is kept that Redis has not confirmed.
   */
  readonly outage?: number
  /**
   * True: a value is decoded once, and the same object is handed to everybody, who must not change it. Default false: each caller
   * gets a value of its own.
   */
  readonly share?: boolean
}

/** The same, checked and with its defaults. */
export interface ResolvedMemory {
  readonly ttl: number
  readonly entries: number
  readonly bytes: number
  readonly outage: number
  readonly share: boolean
}

/** @returns undefined where there are to be no copies. @throws TypeError or RangeError that names the option */
export function resolveMemory(memory: unknown): ResolvedMemory | undefined {
  if (memory === undefined || memory === false) return undefined
  const given: unknown = memory === true ? {} : memory
  if (!isObject(given) || Array.isArray(given)) {
    throw new TypeError(`memory: expected true, false or { ttl, entries, bytes, outage, share }, got ${describe(given)}`)
  }
  refuseUnknown('memory.', given, ['ttl', 'entries', 'bytes', 'outage', 'share'])
  const {
    ttl = 5_000,
    entries = 10_000,
    bytes = 16_777_216,
    outage = 3_600_000,
    share = false,
  } = given as { readonly [Name in keyof MemoryOptions]: unknown }
  if (typeof share !== 'boolean') throw new TypeError(`memory.share: expected true or false, got ${describe(share)}`)
  return {
    ttl: duration('memory.ttl', ttl, 1),
    entries: size('memory.entries', entries, 'entries'),
    bytes: size('memory.bytes', bytes),
    outage: duration('memory.outage', outage, 0),
    share,
  }
}
