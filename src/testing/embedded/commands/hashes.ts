import { arityError, type Call, type Commands } from '../command.ts'
import { weighMember } from '../entry.ts'
import { OK, type Reply } from '../reply.ts'
import { hashAt, type Holding } from '../typed.ts'

/** Hashes. */
export const hashes: Commands = {
  HSET: { arity: -4, grows: true, run: (call) => set(call, 'hset') },
  // Of older clients.
  HMSET: { arity: -4, grows: true, run: (call) => (set(call, 'hmset'), OK) },
  HGET: { arity: 3, run: ({ keys, args: [key = '', field = ''] }) => hashAt(keys, key)?.value.get(field) ?? null },
  HMGET: { arity: -3, run: getMany },
  HGETALL: { arity: 2, run: ({ keys, args: [key = ''] }) => new Map(hashAt(keys, key)?.value) },
  HDEL: { arity: -3, run: remove },
  HEXISTS: { arity: 3, run: ({ keys, args: [key = '', field = ''] }) => Number(hashAt(keys, key)?.value.has(field) ?? false) },
  HLEN: { arity: 2, run: ({ keys, args: [key = ''] }) => hashAt(keys, key)?.value.size ?? 0 },
  HKEYS: { arity: 2, run: ({ keys, args: [key = ''] }) => [...(hashAt(keys, key)?.value.keys() ?? [])] },
  HVALS: { arity: 2, run: ({ keys, args: [key = ''] }) => [...(hashAt(keys, key)?.value.values() ?? [])] },
}

/** @returns how many fields are new */
function set({ keys, args: [key = '', ...words] }: Call, name: string): number {
  if (words.length % 2 !== 0) throw arityError(name)
  const entry = hashAt(keys, key) ?? (keys.put(key, new Map(), Infinity) as Holding<Map<string, string>>)
  let added = 0
  for (let at = 0; at < words.length; at += 2) {
    const [field = '', value = ''] = words.slice(at, at + 2)
    const before = entry.value.get(field)
    if (before === undefined) added += 1
    keys.grew(entry, before === undefined ? weighMember(field, value) : value.length - before.length)
    entry.value.set(field, value)
  }
  return added
}

function getMany({ keys, args: [key = '', ...fields] }: Call): Reply {
  const hash = hashAt(keys, key)?.value
  return fields.map((field) => hash?.get(field) ?? null)
}

/** A hash without fields is none. */
function remove({ keys, args: [key = '', ...fields] }: Call): Reply {
  const entry = hashAt(keys, key)
  if (entry === undefined) return 0
  let removed = 0
  for (const field of fields) {
    const value = entry.value.get(field)
    if (value === undefined) continue
    entry.value.delete(field)
    keys.grew(entry, -weighMember(field, value))
    removed += 1
  }
  if (entry.value.size === 0) keys.remove(key)
  return removed
}
