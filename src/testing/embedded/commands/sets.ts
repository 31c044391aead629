import type { Call, Commands } from '../command.ts'
import { weighMember } from '../entry.ts'
import type { Reply } from '../reply.ts'
import { setAt } from '../typed.ts'

/** Sets. */
export const sets: Commands = {
  SADD: { arity: -3, grows: true, run: add },
  SREM: { arity: -3, run: remove },
  SMEMBERS: { arity: 2, run: ({ keys, args: [key = ''] }) => new Set(setAt(keys, key)?.value) },
  SISMEMBER: { arity: 3, run: ({ keys, args: [key = '', member = ''] }) => Number(setAt(keys, key)?.value.has(member) ?? false) },
  SMISMEMBER: { arity: -3, run: areMembers },
  SCARD: { arity: 2, run: ({ keys, args: [key = ''] }) => setAt(keys, key)?.value.size ?? 0 },
}

function add({ keys, args: [key = '', ...members] }: Call): Reply {
  const entry = setAt(keys, key)
  if (entry === undefined) {
    const value = new Set(members)
    keys.put(key, value, Infinity)
    return value.size
  }
  const added = new Set(members.filter((member) => !entry.value.has(member)))
  for (const member of added) {
    entry.value.add(member)
    keys.grew(entry, weighMember(member))
  }
  return added.size
}

/** A set without members is none. */
function remove({ keys, args: [key = '', ...members] }: Call): Reply {
  const entry = setAt(keys, key)
  if (entry === undefined) return 0
  const removed = members.filter((member) => entry.value.delete(member))
  for (const member of removed) keys.grew(entry, -weighMember(member))
  if (entry.value.size === 0) keys.remove(key)
  return removed.length
}

function areMembers({ keys, args: [key = '', ...members] }: Call): Reply {
  const set = setAt(keys, key)?.value
  return members.map((member) => Number(set?.has(member) ?? false))
}
