import { CacheError, scrub } from '../../../errors.ts'
import { createKeys } from '../../../entry/keys.ts'
import { askAll, refusalOf } from '../ask.ts'
import { errorReply } from '../error-reply.ts'
import { explain } from '../explain.ts'
import type { Command } from '../../../transport/transport.ts'
import { aclRules, NEEDED_COMMANDS } from '../needed-commands.ts'
import type { Outcome, Step } from '../step.ts'

/** ms: it goes by itself where nobody can remove it any more. */
const TTL = 10_000

/** Keys that are made up until the node at hand holds one: with a hundred nodes every hundredth does. */
const MOST_KEYS = 10_000

/** What else a cache sends: without it single features fail. While the key is there, so that APPEND makes none that stays. */
const OTHERS = NEEDED_COMMANDS.filter((name) => !['PING', 'SET', 'GET', 'DEL'].includes(name))

/** Each so that it changes nothing; UNLINK and GETDEL take a key that is none. */
function harmless(name: string, key: string): Command {
  switch (name) {
    case 'APPEND':
      return [name, key, '']
    case 'SETRANGE':
      return [name, key, '0', '']
    case 'PEXPIRE':
      return [name, key, String(TTL)]
    case 'SCAN':
      return [name, '0', 'MATCH', key, 'COUNT', '1']
    default:
      return [name, name === 'UNLINK' || name === 'GETDEL' ? `${key}:none` : key]
  }
}

/**
 * Writes, reads and removes a key that no cache and no other visit can use.
 *
 * @param namespace of the cache, where the user may write in that one only
 */
export function probeKey(namespace: string | undefined): Step {
  return {
    name: 'probe key',
    isTimed: true,
    async run(visit) {
      const { at } = visit.facts
      if (at !== undefined && at.holdsKey === undefined) return { status: 'skipped', finding: 'nobody told which keys are this node’s' }
      const key = keyAt(namespace, at?.holdsKey ?? (() => true))
      if (key === undefined) return { status: 'skipped', finding: 'the braces in this namespace put all its keys at another node' }
      const value = crypto.randomUUID()
      const [written, read, ...others] = await askAll(visit, [
        ['SET', key, value, 'PX', String(TTL)],
        ['GET', key],
        ...OTHERS.map((name) => harmless(name, key)),
        ['DEL', key],
      ])
      const removed = others.pop()
      for (const reply of [written, read, removed]) {
        if (!(reply instanceof CacheError)) continue
        const isAnswer = scrub(reply.cause).name === 'ErrorReply' && !reply.isFatal
        const diagnosis = isAnswer ? errorReply(scrub(reply.cause).code ?? 'ERR') : await explain(reply, visit.target)
        return { status: 'failed', ...diagnosis }
      }
      const forbidden = OTHERS.filter((_, index) => refusalOf(others[index] ?? null) === 'NOPERM')
      if (read === value && removed === 1 && forbidden.length > 0) return mayNot(forbidden)
      if (read === value && removed === 1) return { status: 'ok', finding: 'SET, GET and DEL of a key of its own, in one round trip' }
      return {
        status: 'warning',
        finding: read === value ? 'the key was gone before it was deleted' : 'what was written is not what is read',
        hint: 'Do reads go to a replica? Is memory so full that new keys are evicted at once?',
      }
    },
  }
}

/** @returns a key that the node at the other end holds; undefined where there seems to be none */
function keyAt(namespace: string | undefined, isHeld: (key: string) => boolean): string | undefined {
  for (let attempt = 0; attempt < MOST_KEYS; attempt += 1) {
    const key = createKeys(namespace).reserved('probe', crypto.randomUUID())
    if (isHeld(key)) return key
  }
  return undefined
}

function mayNot(forbidden: readonly string[]): Outcome {
  return {
    status: 'warning',
    finding: `SET, GET and DEL of a key of its own; this user may not ${forbidden.join(', ')}`,
    hint: `Some features will fail. Extend its ACL: ${aclRules(forbidden)}`,
  }
}
