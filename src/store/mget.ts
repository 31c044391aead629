import { CacheError } from '../errors.ts'
import { startClock, timeLeft } from '../policy/elapsed.ts'
import { send } from '../session/send.ts'
import { beginLong, type Request, type Session } from '../session/session.ts'
import type { Reply } from '../transport/transport.ts'
import * as redis from './commands.ts'
import type { Text } from './store.ts'

/** Fewer are read by GETs: they cost no more, and a user who may not MGET is not told so each time. */
const LEAST = 8
/** Keys of one MGET. Few: big values come in several replies, so that a slow pipeline is told from silence, and nobody waits for one long command. */
const CHUNK = 32
/** It will be no other with the next call: another node has the key, or the user may not. */
const LASTING = /^(?:CROSSSLOT|MOVED|NOPERM)$/

/** What was found out of the server. */
export interface MgetTraits {
  /** One address is not one server, or the user may not. */
  refusesMget?: boolean
}

/** Whether several keys may be read by MGET. With many nodes each key goes to its own. */
export function canMget({ connection }: Session, server: MgetTraits, count: number): boolean {
  return count >= LEAST && connection.nodes === undefined && server.refusesMget !== true
}

/**
 * Reads texts by MGETs in one round trip, for which a list or a hash is nothing; by GETs in one more where that is refused. Never rejects.
 */
export async function mget(session: Session, server: MgetTraits, keys: readonly string[], request: Request | undefined): Promise<readonly Text[]> {
  const elapsed = startClock(session.options.now)
  const long = beginLong(session)
  const chunks = chunksOf(keys)
  const reads = chunks.map(redis.getManyCommand)
  const replies = await send(session, reads, undefined, request)
  const texts: Text[] = []
  const refused: number[] = []
  for (const [index, chunk] of chunks.entries()) {
    const reply = replies[index] ?? null
    if (isRefusal(reply, server)) for (const _ of chunk) refused.push(texts.push(undefined) - 1)
    else for (const one of redis.readMany(reply, chunk.length)) texts.push(redis.readText(one))
  }
  if (refused.length > 0) {
    const timeout = timeLeft(request?.timeout ?? session.options.timeout, elapsed())
    const further = { ...request, timeout, isBegun: long.isBegun }
    const commands = refused.map((at) => redis.getCommand(keys[at] ?? ''))
    for (const [index, reply] of (await send(session, commands, undefined, further)).entries()) texts[refused[index] ?? 0] = redis.readText(reply)
  }
  long.end()
  return texts
}

function chunksOf(keys: readonly string[]): readonly (readonly string[])[] {
  const chunks: (readonly string[])[] = []
  for (let from = 0; from < keys.length; from += CHUNK) chunks.push(keys.slice(from, from + CHUNK))
  return chunks
}

/** Redis answers, and not with a list: it is asked by GETs. */
function isRefusal(reply: Reply, server: MgetTraits): boolean {
  if (Array.isArray(reply)) return false
  if (!(reply instanceof CacheError)) return true
  if (LASTING.test(reply.cause?.code ?? '')) server.refusesMget = true
  return !reply.isFatal && !reply.isOutage && (reply.code === 'reply' || reply.code === 'auth')
}
