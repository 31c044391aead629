import { describe, duration, isObject, refuseUnknown, size } from './checks.ts'
import type { MemoryOptions } from './types.ts'

/** `MemoryOptions`, checked and with their defaults. */
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
