import type { CacheError } from '../errors.ts'
import { isThere, valueOf } from './answer.ts'
import { misplacedServer, ping } from '../store/health.ts'
import { removeMany, removeOne } from '../store/remove.ts'
import type { Changed } from '../store/store.ts'
import type { CacheOperations } from './operations.ts'
import { checkCall, checkTags, checkTtl, duration } from '../options/checks.ts'
import type { WrapContext } from '../wrap/context.ts'
import { readMany, readOne } from '../store/read.ts'
import { createClear } from '../store/clear.ts'
import type { CallOptions, ClearCallOptions, ExpireOptions, Health, ReadOptions } from '../options/types.ts'
import { createWrapMany } from '../wrap/many.ts'
import { createWrap } from '../wrap/wrap.ts'
import { listKeys } from '../store/list-keys.ts'
import { rangeWithin } from '../store/scan.ts'
import { takeOne } from '../store/take.ts'
import { touchOne } from '../store/touch.ts'
import { writeMany, writeOne } from '../store/write.ts'

/** All operations but the reading of one entry. */
export type Verbs = Omit<CacheOperations, 'get' | 'lookup' | 'namespace'>

/** @param context of a cache or an invocation */
export function createVerbs(context: WrapContext): Verbs {
  const { options, transportName, spansSlots, store, copies, report, now, tags, loads } = context
  const { keys, timeout } = options
  const { wrap, wrapped } = createWrap(context)
  const wrapMany = createWrapMany(context)

  async function getMany<Value>(given: readonly string[], call?: ReadOptions): Promise<(Value | undefined)[]> {
    return (await readMany(context, 'get', given, call)).found.map((one) => valueOf<Value>(one, now))
  }

  async function hasMany(given: readonly string[], call?: ReadOptions): Promise<boolean[]> {
    const { found } = await readMany(context, 'has', given, call)
    return found.map((one) => isThere(one, now))
  }

  async function deleteMany(given: readonly string[], call?: CallOptions): Promise<boolean[]> {
    return (await removeMany(context, given, call)).map(isConfirmed)
  }

  async function invalidateTags(names: readonly string[], call?: CallOptions): Promise<boolean> {
    checkTags(names)
    if (call !== undefined) checkCall(call)
    const startedAt = now()
    const outcomes = await tags().drop([...new Set(names)], call)
    report?.write('invalidateTags', outcomes, startedAt)
    return outcomes.every(isConfirmed)
  }

  async function expireTags(names: readonly string[], call: ExpireOptions = {}): Promise<boolean> {
    checkTags(names)
    checkCall(call)
    const { staleFor } = call
    if (staleFor !== undefined) checkTtl(staleFor, 'staleFor')
    const startedAt = now()
    const outcomes = await tags().expire([...new Set(names)], call, staleFor)
    report?.write('expireTags', outcomes, startedAt)
    return outcomes.every(isConfirmed)
  }

  async function clear(call: ClearCallOptions = {}): Promise<boolean> {
    checkCall(call)
    const range = call.prefix === undefined ? keys.cleared : rangeWithin(keys, call.prefix)
    const startedAt = now()
    const bound = call.timeout === undefined ? timeout : duration('timeout', call.timeout, 1)
    loads().forget()
    const refusal = (request: CallOptions): Promise<CacheError | undefined> => misplacedServer(context, request)
    const { session, clearPosition } = context
    const position = clearPosition(range.prefix)
    const run = createClear({ session, store, copies, range, spansSlots, timeout, now, position, refusal })
    const outcome = await run(bound, call.signal)
    tags().forget()
    report?.write('clear', outcome === false ? [] : [outcome], startedAt)
    return outcome === true
  }

  async function health(call?: CallOptions): Promise<Health> {
    if (call !== undefined) checkCall(call)
    const startedAt = now()
    const { failure, nodes, isReadOnly = false } = await ping(context, call)
    // A clock that was set back.
    const ms = Math.max(0, now() - startedAt)
    report?.read('health', [failure ?? 'PONG'], startedAt)
    const seen = { transport: transportName, ms, ...(nodes && { nodes }) }
    if (failure === undefined) return { status: 'ok', ...seen, ...(isReadOnly ? { readOnly: true } : {}) }
    return { status: 'degraded', ...seen, reason: failure.code, error: failure }
  }

  return {
    set: (key, value, call) => writeOne(context, key, value, call, isConfirmed),
    getMany,
    setMany: async (entries, call) => (await writeMany(context, entries, call)).map(isConfirmed),
    delete: (key, call) => removeOne(context, key, call, isConfirmed),
    deleteMany,
    has: (key, call) => readOne(context, 'has', key, call, undefined, (found) => isThere(found, now)),
    hasMany,
    wrap,
    wrapped,
    wrapMany,
    take: async <Value>(key: string, call?: CallOptions) => valueOf<Value>(await takeOne(context, key, call), now),
    touch: async (key, ttl, call) => (await touchOne(context, key, ttl, call)) === true,
    keys: (call) => listKeys(context, call),
    invalidateTags,
    expireTags,
    clear,
    health,
  }
}

function isConfirmed(outcome: Changed | undefined): boolean {
  return typeof outcome === 'boolean'
}
