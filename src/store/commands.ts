import { CacheError } from '../errors.ts'
import type { Command, Reply } from '../transport/transport.ts'

/** The one place that knows Redis's commands. Each builder has a reader for its reply beside it. */

/** The key that a command names: its first argument. Where it names several, they share a slot, or there is one node. */
export function keyOf(command: Command): string | undefined {
  return command[1]
}

/** One command that reads an entry. */
export function getCommand(key: string): Command {
  return ['GET', key]
}

/** @returns the stored text, undefined where there is none, or why there is no answer */
export function readText(reply: Reply): string | undefined | CacheError {
  if (typeof reply === 'string') return reply
  if (reply === null) return undefined
  return unexpected(reply)
}

/** One command that reads an entry and deletes it. Redis 6.2; read with {@link readText}. */
export function takeCommand(key: string): Command {
  return ['GETDEL', key]
}

/** Whether this is what a server answers to a command that it does not know. It may be another error without a code of its own. */
export function isUnknownCommand(text: string | undefined | CacheError): boolean {
  return text instanceof CacheError && text.code === 'reply' && !text.isFatal && text.cause?.code === 'ERR'
}

/** One command that reads several entries, of one hash slot where there are several nodes. */
export function getManyCommand(keys: readonly string[]): Command {
  return ['MGET', ...keys]
}

/** @returns a reply a key; each is the error where there is no such list */
export function readMany(reply: Reply, count: number): readonly Reply[] {
  if (Array.isArray(reply) && reply.length === count) return reply as readonly Reply[]
  return Array<Reply>(count).fill(Array.isArray(reply) ? unexpected(null) : unexpected(reply))
}

/** Writes what is not there yet; the reply is null where it is. @param ttl ms; undefined for no expiry */
export function setNewCommand(key: string, text: string, ttl: number | undefined): Command {
  return ttl === undefined ? ['SET', key, text, 'NX'] : ['SET', key, text, 'NX', 'PX', String(ttl)]
}

/** @param ttl ms; undefined for no expiry */
export function setCommand(key: string, text: string, ttl: number | undefined): Command {
  return ttl === undefined ? ['SET', key, text] : ['SET', key, text, 'PX', String(ttl)]
}

/** Writes over what is there; the reply is null where nothing is. @param ttl ms; undefined for no expiry */
export function setPresentCommand(key: string, text: string, ttl: number | undefined): Command {
  return ttl === undefined ? ['SET', key, text, 'XX'] : ['SET', key, text, 'XX', 'PX', String(ttl)]
}

/** Writes over a part of what is there, in one step, and leaves its time to live. Read with {@link readCount}. */
export function overwriteCommand(key: string, from: number, text: string): Command {
  return ['SETRANGE', key, String(from), text]
}

/** Adds to what is there, in one step with that of others. Read with {@link readCount}. */
export function appendCommand(key: string, text: string): Command {
  return ['APPEND', key, text]
}

/** Says anew how long a key has to live. @param ttl ms */
export function expireCommand(key: string, ttl: number): Command {
  return ['PEXPIRE', key, String(ttl)]
}

/** @returns undefined where Redis confirmed, or why it did not */
export function readOk(reply: Reply): CacheError | undefined {
  return reply === 'OK' ? undefined : unexpected(reply)
}

/** Asks how long a key has to live: ms, or below 0 where it has no end or is not there. Read with {@link readCount}. */
export function ageCommand(key: string): Command {
  return ['PTTL', key]
}

/** Deletes keys. Several only where one command may name several hash slots, or they share one. */
export function deleteCommand(keys: readonly string[]): Command {
  return ['DEL', ...keys]
}

/** The same; the server frees a big value in the background. */
export function unlinkCommand(keys: readonly string[]): Command {
  return ['UNLINK', ...keys]
}

/** Asks how many of them exist. */
export function existsCommand(keys: readonly string[]): Command {
  return ['EXISTS', ...keys]
}

/** @returns the number, or why there is none */
export function readCount(reply: Reply): number | CacheError {
  return typeof reply === 'number' ? reply : unexpected(reply)
}

/** Where a walk over all keys begins, and what says that it has ended. */
export const FIRST_CURSOR = '0'
/** How many keys one step looks at: well under a millisecond of the server's time. */
const PAGE = '1000'

/**
 * One step of a walk over all keys that match. Text only: a cache stores nothing else, so another type is somebody else's.
 *
 * @param isOfAnyType for Redis before 6, whose SCAN knows no TYPE: ask for it with {@link typeCommand}
 */
export function scanCommand(cursor: string, pattern: string, isOfAnyType: boolean): Command {
  const scan = ['SCAN', cursor, 'MATCH', pattern, 'COUNT', PAGE]
  return isOfAnyType ? scan : [...scan, 'TYPE', 'string']
}

/** Asks what a key holds; `string` is text. */
export function typeCommand(key: string): Command {
  return ['TYPE', key]
}

/** @returns the cursor of the next step and the keys of this one, or why there are none */
export function readPage(reply: Reply): { readonly cursor: string; readonly keys: readonly string[] } | CacheError {
  if (!Array.isArray(reply)) return unexpected(reply)
  const [cursor, keys] = reply as readonly Reply[]
  if (typeof cursor !== 'string') return unexpected(null)
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) return unexpected(null)
  return { cursor, keys }
}

/** Asks for a sign of life. */
export const PING: Command = ['PING']

/** @returns undefined where Redis is alive, or why it is not */
export function readPong(reply: Reply): CacheError | undefined {
  return reply === 'PONG' ? undefined : unexpected(reply)
}

/** Asks whether the server is a replica, or a Sentinel. */
export const ROLE: Command = ['ROLE']

/** @returns `master`, `slave` or `sentinel`; undefined where it does not tell */
export function readRole(reply: Reply): string | undefined {
  const role = Array.isArray(reply) ? (reply as readonly Reply[])[0] : undefined
  return typeof role === 'string' ? role : undefined
}

/** Asks whether the server is one node of several. */
export const CLUSTER_INFO: Command = ['CLUSTER', 'INFO']

/** Whether other nodes hold other keys. A server without cluster mode answers with an error, and one that is alone has all slots. */
export function readIsCluster(reply: Reply): boolean {
  return typeof reply === 'string' && /^cluster_state:/m.test(reply) && !/^cluster_size:1\r?$/m.test(reply)
}

/** A reply of another type than the command gives: the other side is not Redis. */
function unexpected(reply: Reply): CacheError {
  return reply instanceof CacheError ? reply : new CacheError('protocol', 'Redis answered with a reply of an unexpected type')
}
