import { encodeEntry, type Entry, isStale } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import { checkCall, toTtl } from '../options/checks.ts'
import type { CallOptions } from '../options/types.ts'
import { startClock, timeLeft } from '../policy/elapsed.ts'
import { beginLong } from '../session/session.ts'
import type { StoreContext } from './context.ts'
import { toStoredKey } from './found.ts'
import { judgeStored } from './judge.ts'
import type { Change, Changed, Text } from './store.ts'
import { VERSION_MS } from './version-text.ts'

/**
 * Gives an entry another time to live from now on; its value, its tags and the windows after it stay. The instant at which it ends
 * is part of what is stored, so it is read and written: two round trips, three where it has tags.
 *
 * @param ttl ms; 0 or less deletes it
 * @returns true where it was there, false where it was not, or why that is not confirmed
 */
export async function touchOne(context: StoreContext, key: string, ttl: number, call: CallOptions | undefined): Promise<Changed> {
  const { report, now, session } = context
  const lifetime = toTtl(ttl)
  if (call !== undefined) checkCall(call)
  const startedAt = now()
  const storedKey = toStoredKey(context, key)
  const long = beginLong(session())
  const outcome = storedKey instanceof CacheError ? storedKey : await touchStored(context, storedKey, lifetime, call, long.isBegun)
  long.end()
  report?.write('touch', [outcome], startedAt)
  return outcome
}

async function touchStored(context: StoreContext, storedKey: string, ttl: number, call: CallOptions | undefined, isBegun: boolean): Promise<Changed> {
  const { store, options, now } = context
  const elapsed = startClock(now)
  const startedAt = now()
  const text = await store.read(storedKey, 'entry', { ...call, memory: false }, (read: Text) => read)
  const found = await judgeStored(context, text, call, startedAt)
  if (found instanceof CacheError) return found
  // What `get` does not see is not there: an entry that is past its time to live does not come back.
  if (found === undefined || found.none === true || isStale(found, now)) return false
  const change = ttl === 0 ? { keys: [storedKey] } : renewed(context, storedKey, found, ttl)
  if (change instanceof CacheError) return change
  const request = { ...call, timeout: timeLeft(call?.timeout ?? options.timeout, elapsed()), isBegun }
  return (await store.write([change], 'entry', request))[0] ?? false
}

/** Only where something is there still: what was deleted meanwhile does not come back. */
function renewed({ options, now }: StoreContext, key: string, entry: Entry, ttl: number): Change | CacheError {
  const { fresh, expires, ...rest } = entry
  const at = now()
  const window = fresh === undefined || expires === undefined ? 0 : Math.max(0, expires - fresh)
  const isEndless = fresh !== undefined && expires === undefined
  const keepFor = entry.tags === undefined ? ttl + window : Math.min(ttl + window, VERSION_MS)
  const text = encodeEntry(
    { ...rest, ...(isEndless ? {} : { expires: at + keepFor }), ...(window > 0 || isEndless ? { fresh: at + ttl } : {}) },
    options.serializer,
  )
  if (text === undefined) return new CacheError('decode', 'The entry cannot be written again, so it is left as it was')
  return { key, text, ttl: isEndless ? undefined : keepFor, ifPresent: true }
}
