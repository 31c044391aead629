import type { Bytes } from './reply.ts'

/** A string, a set or a hash. */
export type Value = Bytes | Set<Bytes> | Map<Bytes, Bytes>

/** A key and what stands behind it. Changed through its keyspace only, which counts. */
export interface Entry {
  /** Empty once it is gone, and so is its value. */
  key: Bytes
  /** Later keys have higher ones: the order of SCAN. */
  readonly id: number
  value: Value
  /** Epoch ms; Infinity without expiry. */
  expiresAt: number
  /** Another one after every change: what WATCH looks at. */
  version: number
  /** When it was last used, in ticks of the ledger. */
  usedAt: number
  /** Its neighbours in the order of use. */
  older: Entry | undefined
  newer: Entry | undefined
  bytes: number
  isGone: boolean
}

/** Bytes that a key costs beside what is in it, as Node 24 was seen to need. */
const OVERHEAD = 112
/** The same for a member of a set. */
const MEMBER_OVERHEAD = 48
/** The same for a field of a hash, which has a value. */
const FIELD_OVERHEAD = 80

/** @returns the bytes of one member, or of one field and its value */
export function weighMember(member: Bytes, value?: Bytes): number {
  return value === undefined ? MEMBER_OVERHEAD + member.length : FIELD_OVERHEAD + member.length + value.length
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
