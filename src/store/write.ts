import { CacheError } from '../errors.ts'
import type { Operation } from '../options/events.ts'
import { startClock, timeLeft } from '../policy/elapsed.ts'
import { checkCall, checkTags, refuseUnknown, toTtl } from '../options/checks.ts'
import { beginLong } from '../session/session.ts'
import type { StoreContext } from './context.ts'
import { toStoredKey } from './found.ts'
import { rejected } from './read.ts'
import { type Draft, notWritten, type Prepared, prepareWrite } from './prepare-write.ts'
import type { Change, Changed, CopiedWrite } from './store.ts'
import { takeForEach } from './tag-versions.ts'
import type { CallOptions, SetEntry, SetOptions } from '../options/types.ts'

/** The fields that are known. Another one is refused: a misspelled `ttl` would mean no expiry. */
const KNOWN: readonly string[] = ['key', 'value', 'ttl', 'tags', 'timeout', 'signal']

/** A change that is ready, that waits for compression, or why there is none. */
type Preparing = Change | Prepared | Promise<Prepared>

const NO_TIME = (): number => 0
const NO_TAGS: readonly string[] = []

/**
 * Writes entries: in one round trip, and one more before it where there are tags.
 *
 * @param context of a cache or an invocation
 * @returns by position: true, false where it was over already and nothing was stored, or why not
 */
export async function writeMany(context: StoreContext, entries: readonly SetEntry[], call: CallOptions | undefined): Promise<readonly Changed[]> {
  const { options, store, report, now, tags, loads, session, copies } = context
  if (call !== undefined) checkCall(call)
  const startedAt = now()
  const since = copies?.ticket() ?? 0
  const drafts = entries.map((entry) => {
    refuseUnknown('', entry, KNOWN)
    const { key, value, ttl = options.ttl, tags: names } = entry
    if (names !== undefined) checkTags(names)
    const lifetime = ttl === undefined ? undefined : toTtl(ttl)
    return { storedKey: toStoredKey(context, key), names: lifetime === 0 ? NO_TAGS : (names ?? NO_TAGS), value, lifetime }
  })
  for (const { storedKey } of drafts) if (typeof storedKey === 'string') loads().forget(storedKey)
  const isTagged = drafts.some(({ names }) => names.length > 0)
  const elapsed = isTagged ? startClock(now) : NO_TIME
  // Compression takes its time, too: what was asked for before the end of the invocation is written all the same.
  const long = isTagged || options.compressFrom !== undefined ? beginLong(session()) : undefined
  const lists = isTagged ? drafts.map(({ names }) => names) : []
  const versionsOf = isTagged ? await takeForEach(tags(), lists, call) : undefined
  const at = now()
  const writes = drafts.map(({ storedKey, names, value, lifetime }): Preparing => {
    const draft = { value, freshFor: lifetime, keepFor: lifetime }
    if (storedKey instanceof CacheError || lifetime === 0) return toWrite(context, storedKey, draft, undefined, at)
    const own = versionsOf === undefined || names.length === 0 ? undefined : versionsOf(names)
    if (own instanceof CacheError && copies === undefined) return own
    const tagged: Draft = own === undefined || own instanceof CacheError ? draft : { ...draft, tags: own }
    const write = prepareWrite(
      context,
      storedKey,
      tagged,
      copies && (names.length === 0 ? { since } : { since, on: names.map(tags().keyOf), versionsAt: startedAt }),
      at,
    )
    return own instanceof CacheError ? notWritten(storedKey, own, write) : write
  })
  const ready = writes.every(isReady) ? writes : await Promise.all(writes.map(async (write) => write))
  const request = versionsOf === undefined ? call : { ...call, timeout: timeLeft(call?.timeout ?? options.timeout, elapsed()) }
  const outcomes = await store.write(ready, 'entry', long === undefined ? request : { ...request, isBegun: long.isBegun })
  long?.end()
  report?.write('set', outcomes, startedAt, ready)
  return outcomes
}

/**
 * Writes one entry. The hot path where it has no tags and is not compressed: one command, and no list of anything on the way to it.
 *
 * @param finish makes the outcome of what came of it
 */
export function writeOne<Outcome>(
  context: StoreContext,
  key: string,
  value: unknown,
  call: SetOptions | undefined,
  finish: (outcome: Changed) => Outcome,
): Promise<Outcome> {
  const { options, copies, now, loads } = context
  const startedAt = now()
  const since = copies?.ticket()
  let write: Preparing
  try {
    if (call !== undefined) checkCall(call)
    if (options.compressFrom !== undefined || hasTags(call))
      return writeMany(context, [{ ...call, key, value }], call).then(([outcome = false]) => finish(outcome))
    if (call !== undefined) refuseUnknown('', call, KNOWN)
    const ttl = call?.ttl === undefined ? options.ttl : call.ttl
    const lifetime = ttl === undefined ? undefined : toTtl(ttl)
    const storedKey = toStoredKey(context, key)
    if (typeof storedKey === 'string') loads().forget(storedKey)
    write = toWrite(context, storedKey, { value, freshFor: lifetime, keepFor: lifetime }, since === undefined ? undefined : { since }, startedAt)
  } catch (error) {
    return rejected(error)
  }
  return changeOne(context, 'set', write, call, startedAt, finish)
}

/** Makes one change. @param finish makes the outcome of what came of it */
export function changeOne<Outcome>(
  context: StoreContext,
  operation: Operation,
  change: Preparing,
  call: CallOptions | undefined,
  startedAt: number,
  finish: (outcome: Changed) => Outcome,
): Promise<Outcome> {
  return change instanceof Promise
    ? change.then((ready) => changeReady(context, operation, ready, call, startedAt, finish))
    : changeReady(context, operation, change, call, startedAt, finish)
}

function changeReady<Outcome>(
  { store, report }: StoreContext,
  operation: Operation,
  change: Change | Prepared,
  call: CallOptions | undefined,
  startedAt: number,
  finish: (outcome: Changed) => Outcome,
): Promise<Outcome> {
  return store.write([change], 'entry', call, (outcome) => {
    report?.write(operation, [outcome], startedAt, [change])
    return finish(outcome)
  })
}

function hasTags(call: SetOptions | undefined): boolean {
  return call?.tags !== undefined && !(Array.isArray(call.tags) && call.tags.length === 0)
}

function toWrite(
  context: StoreContext,
  storedKey: string | CacheError,
  draft: Draft,
  copying: Omit<CopiedWrite, 'freshUntil'> | undefined,
  at: number,
): Preparing {
  if (storedKey instanceof CacheError) return storedKey
  // Over already: whatever is stored is too old.
  return draft.keepFor === 0 ? { keys: [storedKey] } : prepareWrite(context, storedKey, draft, copying, at)
}

function isReady(write: Preparing): write is Change | Prepared {
  return !(write instanceof Promise)
}
