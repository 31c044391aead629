import { CacheError } from './errors.ts'
import { internalsOf } from './internals.ts'
import * as redis from './store/redis.ts'
import type { CacheOperations } from './types.ts'

/** A tag and the version of it that an entry was stored under. Versions are opaque: no clock decides. */
export type TagVersion = readonly [tag: string, version: string]

/** Versions that are gone make entries invalid, so that they may end. */
const VERSION_MS = 2_592_000_000

/** The versions to store an entry under; a tag without one gets one. One round trip. */
export async function takeVersions(cache: CacheOperations, tags: readonly string[]): Promise<readonly TagVersion[] | CacheError> {
  if (tags.length === 0) return []
  const { sender, options } = internalsOf(cache)
  const keys = tags.map((tag) => options.keys.reserved('tag', tag))
  const replies = await sender.all(keys.flatMap((key) => [redis.setNewCommand(key, crypto.randomUUID(), VERSION_MS), redis.getCommand(key)]))
  const versions: TagVersion[] = []
  for (const [index, tag] of tags.entries()) {
    const version = redis.readText(replies[2 * index + 1] ?? null)
    if (version instanceof CacheError) return version
    // Invalidated between the two commands: a version that nobody has says so.
    versions.push([tag, version ?? ''])
  }
  return versions
}

/** Whether all tags still have the versions that an entry was stored under. One round trip, none without tags. */
export async function areCurrent(cache: CacheOperations, versions: readonly TagVersion[]): Promise<boolean | CacheError> {
  if (versions.length === 0) return true
  const { sender, options } = internalsOf(cache)
  const replies = (await sender.all(versions.map(([tag]) => redis.getCommand(options.keys.reserved('tag', tag))))).map(redis.readText)
  const failure = replies.find((reply) => reply instanceof CacheError)
  return failure ?? versions.every(([, version], index) => version !== '' && replies[index] === version)
}

/** Makes every entry with one of the tags invalid. One command a tag. @returns true where Redis confirmed */
export async function dropTags(cache: CacheOperations, tags: readonly string[]): Promise<boolean> {
  const { sender, options, report, now } = internalsOf(cache)
  const startedAt = now()
  const outcomes = (await sender.all(tags.map((tag) => redis.deleteCommand(options.keys.reserved('tag', tag))))).map(redis.readCount)
  report?.write('invalidateTags', outcomes, startedAt)
  return outcomes.every((outcome) => typeof outcome === 'number')
}
