import { CacheError } from '../errors.ts'
import { allOf } from '../policy/all-of.ts'
import { startClock, timeLeft } from '../policy/elapsed.ts'
import { beginLong } from '../session/session.ts'
import type { StoreContext } from './context.ts'
import { toStoredKey } from './found.ts'
import type { Changed } from './store.ts'
import type { Versions } from './tags.ts'
import { notWritten, type Prepared, prepareWrite } from './prepare-write.ts'

/** A value whose tags became known only with it. */
export interface LateWrite {
  readonly key: string
  /** Made when it is written. @param took ms since the value began to be made */
  readonly valueAfter: (took: number) => unknown
  /** ms */
  readonly keepFor: number
  readonly tags: readonly string[]
  /** Epoch ms, before the value began to be made. */
  readonly beganAt: number
  /** Versions of its tags that were read before that. */
  readonly known: Versions | undefined
  /** A ticket of the copies from before that; undefined where there are none. */
  readonly since: number | undefined
}

/**
 * Writes an entry, in one round trip and one more before it where it has tags.
 *
 * @returns true, false where one of its tags may have been invalidated since the value began to be made, or why not
 */
export async function writeLate(context: StoreContext, write: LateWrite): Promise<Changed> {
  const { options, store, report, now, tags, session, copies } = context
  const { key, keepFor, beganAt, known, valueAfter } = write
  const names = [...new Set(write.tags)]
  const startedAt = now()
  const storedKey = toStoredKey(context, key)
  if (storedKey instanceof CacheError) return told(storedKey)
  const elapsed = startClock(now)
  const long = beginLong(session())
  const versions = names.length === 0 ? undefined : await tags().takeLate(names, beganAt, known)
  try {
    if (names.length > 0 && versions === undefined) return false
    const failure = versions instanceof CacheError ? versions : undefined
    if (failure !== undefined && copies === undefined) return told(failure)
    const draft = { value: valueAfter(Math.max(0, now() - beganAt)), freshFor: keepFor, keepFor }
    const on = names.length === 0 ? {} : { on: names.map(tags().keyOf), versionsAt: startedAt }
    const prepared = prepareWrite(
      context,
      storedKey,
      versions === undefined || versions instanceof CacheError ? draft : { ...draft, tags: versions },
      copies && { since: write.since ?? copies.ticket(), isLoaded: true, ...on },
    )
    const [ready] = await allOf([failure === undefined ? prepared : notWritten(storedKey, failure, prepared)])
    if (ready === undefined) return false
    const request = { timeout: timeLeft(options.timeout, elapsed()), isBegun: long.isBegun }
    const [outcome = false] = await store.write([ready], 'entry', request)
    return told(outcome, ready)
  } finally {
    long.end()
  }

  function told(outcome: Changed, ready?: Prepared): Changed {
    report?.write('set', [outcome], startedAt, [ready])
    return outcome
  }
}
