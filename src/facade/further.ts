import { isThere, valueOf } from './answer.ts'
import { CacheError } from '../errors.ts'
import type { CacheOperations } from './operations.ts'
import { checkCall, checkTags, duration } from '../options/checks.ts'
import type { Parts } from '../store/parts.ts'
import { readMany, toStoredKey } from '../store/read.ts'
import { createClear } from '../store/clear.ts'
import * as redis from '../store/redis.ts'
import type { CallOptions, ClearCallOptions, Health, SetOptions } from '../options/types.ts'
import { createWrapMany } from '../wrap/many.ts'
import { createWrap } from '../wrap/wrap.ts'
import { writeMany } from '../store/write.ts'

/** All operations but the reading of one entry. */
export type Further = Omit<CacheOperations, 'get' | 'lookup'>

/** @param parts of a cache or an invocation */
export function createFurther(parts: Parts): Further {
  const { options, transportName, spansSlots, sender, report, now, tags, loads } = parts
  const { keys, timeout } = options
  const { wrap, wrapped } = createWrap(parts)
  const wrapMany = createWrapMany(parts)

  async function getMany<Value>(given: readonly string[], call?: CallOptions): Promise<(Value | undefined)[]> {
    return (await readMany(parts, 'get', given, call)).found.map((one) => valueOf<Value>(one, now))
  }

  async function hasMany(given: readonly string[], call?: CallOptions): Promise<boolean[]> {
    const { found } = await readMany(parts, 'has', given, call)
    return found.map((one) => isThere(one, now))
  }

  async function deleteMany(given: readonly string[], call?: CallOptions): Promise<boolean[]> {
    if (!Array.isArray(given)) throw new TypeError('keys: expected an array of strings')
    if (call !== undefined) checkCall(call)
    const startedAt = now()
    const commands = given.map((key: string) => {
      const storedKey = toStoredKey(parts, key)
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
    const outcomes = await tags().drop([...new Set(names)], call)
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
    set: async (key, value, call: SetOptions = {}) => isConfirmed((await writeMany(parts, [{ ...call, key, value }], call))[0]),
    getMany,
    setMany: async (entries, call) => (await writeMany(parts, entries, call)).map(isConfirmed),
    delete: async (key, call) => (await deleteMany([key], call))[0] ?? false,
    deleteMany,
    has: async (key, call) => (await hasMany([key], call))[0] ?? false,
    hasMany,
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
