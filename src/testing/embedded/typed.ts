import type { Entry } from './entry.ts'
import type { Keyspace } from './keyspace.ts'
import { type Bytes, RedisError } from './reply.ts'

/** An entry whose value is known. */
export type Holding<Kind> = Entry & { value: Kind }

/** The string at a key. @throws RedisError where something else stands there */
export function stringAt(keys: Keyspace, key: Bytes): Holding<Bytes> | undefined {
  return holding(keys, key, (entry) => typeof entry.value === 'string')
}

/** The set at a key. @throws RedisError where something else stands there */
export function setAt(keys: Keyspace, key: Bytes): Holding<Set<Bytes>> | undefined {
  return holding(keys, key, (entry) => entry.value instanceof Set)
}

/** The hash at a key. @throws RedisError where something else stands there */
export function hashAt(keys: Keyspace, key: Bytes): Holding<Map<Bytes, Bytes>> | undefined {
  return holding(keys, key, (entry) => entry.value instanceof Map)
}

function holding<Kind extends Entry['value']>(keys: Keyspace, key: Bytes, is: (entry: Entry) => boolean): Holding<Kind> | undefined {
  const entry = keys.read(key)
  if (entry === undefined) return undefined
  if (!is(entry)) throw new RedisError('WRONGTYPE Operation against a key holding the wrong kind of value')
  // `is` has looked.
  return entry as Holding<Kind>
}
