import type { Command, Reply } from '../transport/transport.ts'
import * as redis from './commands.ts'
import type { Change, Changed } from './store.ts'

/** The one command that makes a change. */
export function toCommand(change: Change): Command {
  if ('keys' in change) return change.isLazy === true ? redis.unlinkCommand(change.keys) : redis.deleteCommand(change.keys)
  if ('more' in change) return redis.appendCommand(change.key, change.more)
  if ('part' in change) return redis.overwriteCommand(change.key, change.from, change.part)
  if ('renewedFor' in change) return redis.expireCommand(change.key, change.renewedFor)
  const { key, text, ttl, ifAbsent, ifPresent } = change
  if (ifPresent === true) return redis.setPresentCommand(key, text, ttl)
  return ifAbsent === true ? redis.setNewCommand(key, text, ttl) : redis.setCommand(key, text, ttl)
}

/** What its reply says. */
export function toChanged(change: Change, reply: Reply): Changed {
  if ('text' in change) return (change.ifAbsent === true || change.ifPresent === true) && reply === null ? false : (redis.readOk(reply) ?? true)
  const removed = redis.readCount(reply)
  return typeof removed === 'number' ? removed > 0 : removed
}
