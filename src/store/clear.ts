import { CacheError } from '../errors.ts'
import type { CallOptions } from '../options/types.ts'
import { startClock } from '../policy/elapsed.ts'
import { primariesOf } from '../session/send.ts'
import { beginLong, type Request, type Session } from '../session/session.ts'
import type { Copies } from './copies/copies.ts'
import type { KeyRange, Removal, ScannedPage, Store } from './store.ts'

/** ms. A clear that was unfinished for longer starts from the beginning, since keys may have been written where it had passed. */
const RESUME_WITHIN = 60_000

/**
 * Where an unfinished clear goes on: text and numbers, nothing of a request, so that the next call may come from another. For each node
 * the page whose keys are not known to be gone yet; with one address the node has no name.
 */
export type ClearPosition = Map<string, { readonly cursor: string | undefined; readonly at: number }>

/** Positions of as many ranges are remembered; more are seldom under way at once. */
const MAX_POSITIONS = 100

/** @returns where an unfinished clear of a range goes on, by the range's prefix */
export function createClearPositions(): (prefix: string) => ClearPosition {
  const positions = new Map<string, ClearPosition>()
  return (prefix) => {
    const known = positions.get(prefix)
    if (known !== undefined) return known
    if (positions.size >= MAX_POSITIONS) positions.clear()
    const made: ClearPosition = new Map()
    positions.set(prefix, made)
    return made
  }
}

/** What a clear runs on. */
export interface ClearOptions {
  readonly session: () => Session
  readonly store: Store
  /** Copies in this process: all of them go, whatever the range is. Default: none. */
  readonly copies?: Copies | undefined
  readonly range: KeyRange
  /** Whether one command may name keys of several hash slots. */
  readonly spansSlots: boolean
  /** ms, the bound on one round trip. */
  readonly timeout: number
  readonly now: () => number
  /** Default: one of its own. */
  readonly position?: ClearPosition
  /** Why the server that is walked does not hold all keys; asked beside the first page. Default: it does. */
  readonly refusal?: ((request: CallOptions) => Promise<CacheError | undefined>) | undefined
}

/**
 * Deletes all keys of a range, page by page, until a bound.
 *
 * @param bound ms for the whole call
 * @returns true once everything is gone that was there when this call began; false where there may be more, and the next call
 *   goes on from there; or why it could not go on
 */
export type Clear = (bound: number, signal?: AbortSignal) => Promise<boolean | CacheError>

/**
 * SCAN and UNLINK, never KEYS or FLUSHDB: a big namespace must not stop the server, a shared server must not lose the rest. Every primary
 * of a cluster is cleared, at the same time and each as far as it goes.
 */
export function createClear({ session, store, copies, range, spansSlots, timeout, now, position = new Map(), refusal }: ClearOptions): Clear {
  return async (bound, signal) => {
    const change = copies?.begin()
    const { isBegun, end } = beginLong(session())
    try {
      return await run(bound, { isBegun, ...(signal && { signal }) })
    } finally {
      end()
      if (change !== undefined) copies?.end(undefined, change)
    }
  }

  async function run(bound: number, given: Request): Promise<boolean | CacheError> {
    const elapsed = startClock(now)
    const left = (): number => bound - elapsed()
    const asked = primariesOf(session(), { ...given, timeout: Math.min(timeout, bound) })
    const nodes = asked instanceof Promise ? await asked : asked
    if (nodes instanceof CacheError) return nodes
    const [first, ...others] = nodes
    if (others.length === 0) return clearNode(first ?? '', left, given)
    const outcomes = await Promise.all(nodes.map((node) => clearNode(node, left, given)))
    return outcomes.find((outcome) => outcome instanceof CacheError) ?? outcomes.every((outcome) => outcome === true)
  }

  /** @param leftNow ms of the call's bound */
  async function clearNode(node: string, leftNow: () => number, given: Request): Promise<boolean | CacheError> {
    const from = takePosition(node)
    /** A call that went on from where another stopped walks what comes before that as well: it may have been written meanwhile. */
    let isSecondHalf = false
    let isOver = false
    let cursor = from
    let upcoming: string | undefined = from
    let keys: readonly string[] = []
    for (let round = 0; ; round += 1) {
      const left = leftNow()
      if (left <= 0) return pause(node, cursor)
      const request = { ...given, timeout: Math.ceil(Math.min(timeout, left)) }
      const refusing = round === 0 ? refusal?.(request) : undefined
      const removing = store.write(removalsOf(keys), 'entry', request)
      // The next page is asked for in the round trip that deletes this one.
      const walking: Promise<ScannedPage | CacheError> | undefined = isOver
        ? undefined
        : store.walk(range, upcoming, node === '' ? request : { ...request, node })
      const failure = (await removing).find((outcome) => outcome instanceof CacheError) ?? (await refusing)
      if (failure !== undefined) return stopFor(failure, node, cursor, leftNow() <= 0)
      if (walking === undefined) return finish(node)
      cursor = upcoming
      const page: ScannedPage | CacheError = await walking
      if (page instanceof CacheError) return stopFor(page, node, cursor, leftNow() <= 0)
      keys = page.keys
      upcoming = page.next
      if (upcoming === undefined && from !== undefined && !isSecondHalf) isSecondHalf = true
      else isOver = upcoming === undefined || (isSecondHalf && upcoming === from)
      if (isOver && keys.length === 0) return finish(node)
    }
  }

  /** For this call alone: two at once must not both go on from the same page. */
  function takePosition(node: string): string | undefined {
    const pausedAt = position.get(node)
    position.delete(node)
    const age = pausedAt === undefined ? Infinity : now() - pausedAt.at
    return age >= 0 && age < RESUME_WITHIN ? pausedAt?.cursor : undefined
  }

  function pause(node: string, cursor: string | undefined): false {
    position.set(node, { cursor, at: now() })
    return false
  }

  /** Also forgets where another call has paused meanwhile: its keys are deleted too. */
  function finish(node: string): true {
    position.delete(node)
    return true
  }

  /** Reaching the call's own bound is no failure. After a real one the cursor is dropped: another server may answer next. */
  function stopFor(failure: CacheError, node: string, cursor: string | undefined, isOutOfTime: boolean): false | CacheError {
    return failure.code === 'timeout' && !failure.isFatal && isOutOfTime ? pause(node, cursor) : failure
  }

  function removalsOf(keys: readonly string[]): readonly Removal[] {
    if (keys.length === 0) return []
    return spansSlots ? [{ keys, isLazy: true }] : keys.map((key) => ({ keys: [key], isLazy: true }))
  }
}
