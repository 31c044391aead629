import { CacheError } from '../errors.ts'
import type { Command, Reply } from '../transport/transport.ts'

/** The one place that knows Redis's commands. Each builder has a reader for its reply beside it. */

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

/** @param ttl ms; undefined for no expiry */
export function setCommand(key: string, text: string, ttl: number | undefined): Command {
  return ttl === undefined ? ['SET', key, text] : ['SET', key, text, 'PX', String(ttl)]
}

/** @returns undefined where Redis confirmed, or why it did not */
export function readOk(reply: Reply): CacheError | undefined {
  return reply === 'OK' ? undefined : unexpected(reply)
}

/** Deletes one key. */
export function deleteCommand(key: string): Command {
  return ['DEL', key]
}

/** Asks whether one key exists. */
export function existsCommand(key: string): Command {
  return ['EXISTS', key]
}

/** @returns the number, or why there is none */
export function readCount(reply: Reply): number | CacheError {
  return typeof reply === 'number' ? reply : unexpected(reply)
}

/** Asks for a sign of life. */
export const PING: Command = ['PING']

/** @returns undefined where Redis is alive, or why it is not */
export function readPong(reply: Reply): CacheError | undefined {
  return reply === 'PONG' ? undefined : unexpected(reply)
}

/** A reply of another type than the command gives: the other side is not Redis. */
function unexpected(reply: Reply): CacheError {
  return reply instanceof CacheError ? reply : new CacheError('protocol', 'Redis answered with a reply of an unexpected type')
}
