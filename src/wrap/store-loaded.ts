import type { TagVersion } from '../entry.ts'
import { CacheError, type Reason } from '../errors.ts'
import type { Parts } from '../parts.ts'
import { lifetimeOf } from '../policy/freshness.ts'
import type { Request } from '../session.ts'
import * as redis from '../store/redis.ts'
import type { Command } from '../transport/transport.ts'
import type { Draft, Writer } from '../write.ts'
import { type Ask, isEntry } from './ask.ts'
import { type Lease, releaseCommand } from './lease.ts'
import type { LoaderWishes } from './run-loader.ts'

/** A loaded value on its way to Redis. */
export interface Storing {
  readonly ask: Ask
  readonly value: unknown
  readonly wishes: LoaderWishes
  /** Versions of the option's tags, read before the loader ran; or why there are none. */
  readonly tags: readonly TagVersion[] | CacheError
  readonly lease: Lease | undefined
  /** Epoch ms, when the loader was called. */
  readonly beganAt: number
  readonly took: number
}

/** What came of it. */
export interface StoreOutcome {
  readonly stored: boolean
  readonly reason?: Reason
}

/**
 * Stores a loaded value in one round trip, and gives the lease back with it. Tags that the loader named cost one more. What may
 * not be stored makes an end of what was stored before.
 */
export async function storeLoaded(parts: Parts, writer: Writer, storing: Storing): Promise<StoreOutcome> {
  const { ask, lease } = storing
  const { sender, now, report, options } = parts
  const startedAt = now()
  if (ask.storedKey instanceof CacheError) return { stored: false, reason: ask.storedKey.code }
  const timeout = ask.timeout ?? options.timeout
  const command = await toCommand(parts, writer, storing, { timeout })
  const isWrite = command !== undefined && !(command instanceof CacheError)
  const outdated = isWrite || !isEntry(ask.found) ? undefined : redis.deleteCommand(ask.storedKey)
  const release = releaseCommand(lease, now())
  const sent = [isWrite ? command : undefined, outdated, release].filter((one) => one !== undefined)
  const replies = await sender.all(sent, { timeout: Math.max(1, timeout - (now() - startedAt)) })
  if (command === undefined) return { stored: false }
  const failure = command instanceof CacheError ? command : redis.readOk(replies[0] ?? null)
  report?.write('wrap', [failure], startedAt)
  return failure === undefined ? { stored: true } : { stored: false, reason: failure.code }
}

/** @returns undefined where the value is not to be stored */
async function toCommand(parts: Parts, writer: Writer, storing: Storing, request: Request): Promise<Command | CacheError | undefined> {
  const { ask, value, wishes, took } = storing
  const { policy, storedKey } = ask
  const isNothing = value === undefined || value === null
  const isNegative = isNothing && policy.negativeTtl !== undefined
  if (storedKey instanceof CacheError || wishes.isNotStored === true || (value === undefined && !isNegative)) return undefined
  const tags = await versionsFor(parts, storing, request)
  if (tags === undefined || tags instanceof CacheError) return tags
  const ttl = wishes.ttl ?? (isNegative ? policy.negativeTtl : policy.ttl)
  const windows = isNegative ? { ttl, swr: 0, staleIfError: 0 } : { ...policy, ttl }
  const draft: Draft = {
    value,
    ...lifetimeOf(windows, policy.jitter, parts.random),
    ...(tags.length === 0 ? {} : { tags }),
    ...(policy.beta > 0 ? { took } : {}),
    ...(value === undefined ? { isNone: true } : {}),
  }
  return writer.toCommand(storedKey, draft)
}

/** @returns undefined where a tag may have been invalidated since the loader began */
async function versionsFor(
  parts: Parts,
  { wishes, tags, ask, beganAt }: Storing,
  request: Request,
): Promise<readonly TagVersion[] | undefined | CacheError> {
  if (wishes.tags === undefined) return tags
  const early = new Map(tags instanceof CacheError ? [] : tags)
  const late = wishes.tags.filter((tag) => !early.has(tag))
  if (late.length === 0) return wishes.tags.map((tag) => [tag, early.get(tag) ?? ''])
  const versions = await parts.tags.takeLate(late, beganAt, ask.versions, request)
  if (versions === undefined || versions instanceof CacheError) return versions
  return [...wishes.tags.filter((tag) => early.has(tag)).map((tag): TagVersion => [tag, early.get(tag) ?? '']), ...versions]
}
