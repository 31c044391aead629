import type { Bytes } from './reply.ts'

/** A string, a set or a hash. */
export type Value = Bytes | Set<Bytes> | Map<Bytes, Bytes>

/** A key and what stands behind it. Changed through its keyspace only, which counts. */
export interface Entry {
  readonly key: Bytes
  /** Later keys have higher ones: the order of SCAN. */
  readonly id: number
  value: Value
  /** Epoch ms; Infinity without expiry. */
  expiresAt: number
  /** Another one after every change: what WATCH looks at. */
  version: number
  /** When it was last used, in ticks of the ledger. */
  usedAt: number
  bytes: number
  isGone: boolean
}

/** Bytes that a key costs beside what is in it; a guess. */
const OVERHEAD = 64
/** Bytes of a member of a set, or of a field of a hash, beside its text; a guess. */
const MEMBER_OVERHEAD = 32

/** @returns the bytes of one member, or of one field and its value */
export function weighMember(member: Bytes, value: Bytes = ''): number {
  return MEMBER_OVERHEAD + member.length + value.length
}

/** @returns the bytes of a key and all behind it */
export function weighEntry(key: Bytes, value: Value): number {
  return OVERHEAD + key.length + weigh(value)
}

function weigh(value: Value): number {
  if (typeof value === 'string') return value.length
  let bytes = 0
  if (value instanceof Set) for (const member of value) bytes += weighMember(member)
  else for (const [field, text] of value) bytes += weighMember(field, text)
  return bytes
}
