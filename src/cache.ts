import { isStale } from './entry.ts'
import { CacheError } from './errors.ts'
import type { CacheOperations } from './operations.ts'
import { checkCall, checkTags, duration } from './checks.ts'
import type { Parts } from './parts.ts'
import { createReader, type Found } from './read.ts'
import { degraded } from './report.ts'
import { createClear } from './store/clear.ts'
import * as redis from './store/redis.ts'
import type { CacheResult, CallOptions, ClearCallOptions, Health, SetOptions } from './types.ts'
import { createWrapMany } from './wrap/many.ts'
import { createWrap } from './wrap/wrap.ts'
import { createWriter } from './write.ts'

/** The facade: the only place where an error becomes an outcome. */
export function createOperations(parts: Parts): CacheOperations {
  const { options, transportName, spansSlots, sender, report, now, tags, loads } = parts
  const { keys, timeout } = options
  const reader = createReader(parts)
  const writer = createWriter(parts, reader.toStoredKey)
  const { wrap, wrapped } = createWrap(parts, reader, writer)
  const wrapMany = createWrapMany(parts, reader, writer)

  /** The type is the caller's claim, as in every cache that takes one. What is past its time to live is not there. */
  function toValue<Value>(found: Found): Value | undefined {
    return found === undefined || found instanceof CacheError || isStale(found, now()) ? undefined : (found.value as Value)
  }

  function toResult<Value>(found: Found, startedAt: number): CacheResult<Value> {
    if (found === undefined) return { status: 'miss' }
    const at = now()
    if (found instanceof CacheError) return degraded(found, at - startedAt)
    const until = found.fresh ?? found.expires
    return {
      status: isStale(found, at) ? 'stale' : 'hit',
      value: found.value as Value,
      age: found.at === undefined ? undefined : Math.max(0, at - found.at),
      ttl: until === undefined ? undefined : until - at,
    }
  }

  async function getMany<Value>(given: readonly string[], call?: CallOptions): Promise<(Value | undefined)[]> {
    return (await reader.readMany('get', given, call)).found.map(toValue<Value>)
  }

  async function hasMany(given: readonly string[], call?: CallOptions): Promise<boolean[]> {
    const { found } = await reader.readMany('has', given, call)
    return found.map((one) => one !== undefined && !(one instanceof CacheError) && !isStale(one, now()))
  }

  async function deleteMany(given: readonly string[], call?: CallOptions): Promise<boolean[]> {
    if (!Array.isArray(given)) throw new TypeError('keys: expected an array of strings')
    if (call !== undefined) checkCall(call)
    const startedAt = now()
    const commands = given.map((key: string) => {
      const storedKey = reader.toStoredKey(key)
      if (storedKey instanceof CacheError) return storedKey
      loads().forget(storedKey)
      return redis.deleteCommand(storedKey)
    })
    const outcomes = (await sender.all(commands, call)).map(redis.readCount)
    report?.write('delete', outcomes, startedAt)
    return outcomes.map((outcome) => typeof outcome === 'number')
  }

  async function invalidateTags(names: readonly string[], call?: CallOptions): Promise<boolean> {
    checkTags(names)
    if (call !== undefined) checkCall(call)
    const startedAt = now()
    const outcomes = await tags.drop([...new Set(names)], call)
    report?.write('invalidateTags', outcomes, startedAt)
    return outcomes.every(isConfirmed)
  }

  async function clear(call: ClearCallOptions = {}): Promise<boolean> {
    checkCall(call)
    const startedAt = now()
    const bound = call.timeout === undefined ? timeout : duration('timeout', call.timeout, 1)
    loads().forget()
    const run = createClear({ sender, range: keys, spansSlots, timeout, now, position: parts.clearPosition })
    const outcome = await run(bound, call.signal)
    report?.write('clear', outcome === false ? [] : [outcome], startedAt)
    return outcome === true
  }

  async function health(call?: CallOptions): Promise<Health> {
    if (call !== undefined) checkCall(call)
    const startedAt = now()
    const failure = redis.readPong(await sender.one(redis.PING, { ...call, ignoresCooldown: true }))
    const ms = now() - startedAt
    report?.read('health', [failure ?? 'PONG'], startedAt)
    if (failure === undefined) return { status: 'ok', transport: transportName, ms }
    return { status: 'degraded', transport: transportName, ms, reason: failure.code }
  }

  return {
    get: <Value>(key: string, call?: CallOptions) => reader.read('get', key, call, undefined, toValue<Value>),
    set: async (key, value, call: SetOptions = {}) => isConfirmed((await writer.write([{ ...call, key, value }], call))[0]),
    getMany,
    setMany: async (entries, call) => (await writer.write(entries, call)).map(isConfirmed),
    delete: async (key, call) => (await deleteMany([key], call))[0] ?? false,
    deleteMany,
    has: async (key, call) => (await hasMany([key], call))[0] ?? false,
    hasMany,
    lookup: <Value>(key: string, call?: CallOptions) => reader.read('get', key, call, undefined, toResult<Value>),
    wrap,
    wrapped,
    wrapMany,
    invalidateTags,
    clear,
    health,
  }
}

function isConfirmed(outcome: CacheError | undefined): boolean {
  return outcome === undefined
}
