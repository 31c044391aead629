import type { ResolvedMemory } from '../../options/memory.ts'
import { createBoundedMap } from '../../policy/bounded-map.ts'
import { type Change, createChanges } from './changes.ts'

/** What has to be known of a text to keep it. Instants are epoch ms. */
export interface CopyTraits {
  /** Until when it answers as fresh; undefined: for ever. */
  readonly freshUntil: number | undefined
  /** The end of all windows in which it may be served; undefined: never. */
  readonly until: number | undefined
  /** Stored keys whose change makes an end of it. */
  readonly on?: readonly string[] | undefined
}

/** A stored text in this process. */
export interface Copy extends CopyTraits {
  readonly text: string
  /** Redis holds it, or did. Else it is what Redis did not take, for as long as Redis gives no answer. */
  readonly isConfirmed: boolean
  /** When Redis was asked. */
  readonly askedAt: number
  /** ms by the monotonic clock, when it was put here. */
  readonly keptAt: number
  readonly ticket: number
  /** What the text says, where it is decoded once for all. */
  decoded?: unknown
}

/**
 * Copies of stored texts in this process, bounded, and the order of questions and changes that they need: an answer that was asked
 * for before a change is not kept. Texts, keys and instants: it knows nothing of values, tags or HTTP. No timer, no socket, no promise.
 */
export interface Copies {
  /** To be taken before Redis is asked. */
  ticket(): number
  /** What answers without Redis. */
  fresh(key: string): Copy | undefined
  /** What stands in where Redis gives no answer. */
  spare(key: string): Copy | undefined
  /** Redis has answered: what it does not hold any more, or never confirmed, is gone. @param ticket from before it was asked */
  answered(key: string, ticket: number, text: string | undefined): void
  /** Keeps what Redis has answered. @param askedAt epoch ms */
  keep(key: string, text: string, traits: CopyTraits, ticket: number, askedAt: number): void
  /** A change begins: what is there is gone, and so is what depends on it. @param isReplaced what is there may answer until the change ends */
  begin(key?: string, isReplaced?: boolean): Change
  /** It has ended. @param written what is kept, where nothing else has happened to the key meanwhile */
  end(key: string | undefined, change: Change, written?: Written): void
  /** Whether the key was changed since, or is being changed. */
  isChanged(key: string, since: number): boolean
}

/** What a change wrote. */
interface Written extends CopyTraits {
  readonly text: string
  readonly isConfirmed: boolean
  /** Epoch ms, when it began. */
  readonly askedAt: number
  /** A ticket from before its value was read, where that was before the change. */
  readonly since: number | undefined
  /** It never reached Redis: what Redis confirmed since then is better. */
  readonly isUnsent?: boolean
}

/** A text above this part of all there is room for would crowd out too much else. */
const LARGEST_PART = 0.1

/** @param now the clock, epoch ms */
export function createCopies({ ttl, entries, bytes, outage }: ResolvedMemory, now: () => number): Copies {
  const changes = createChanges(now)
  /** Keys of copies by what they depend on. */
  const dependents = new Map<string, Set<string>>()
  const map = createBoundedMap<Copy>(entries, bytes, unlink)

  function unlink(key: string, { on = [] }: Copy): void {
    for (const one of on) {
      const keys = dependents.get(one)
      keys?.delete(key)
      if (keys?.size === 0) dependents.delete(one)
    }
  }

  function put(key: string, copy: Copy): void {
    const size = sizeOf(copy.text)
    if (size > LARGEST_PART * bytes) map.delete(key)
    else if (map.set(key, copy, sizeOf(key) + size)) for (const one of copy.on ?? []) dependentsOf(one).add(key)
  }

  function dependentsOf(key: string): Set<string> {
    const keys = dependents.get(key) ?? new Set()
    dependents.set(key, keys)
    return keys
  }

  function remove(key: string | undefined): void {
    if (key === undefined) {
      map.clear()
      dependents.clear()
      return
    }
    map.delete(key)
    for (const one of dependents.get(key) ?? []) map.delete(one)
  }

  /** @returns undefined where it is too old. A clock that was set back makes nothing younger */
  function within(copy: Copy | undefined, longest: number, until: number | undefined): Copy | undefined {
    if (copy === undefined) return undefined
    const at = now()
    // By both clocks: the system's may be set back, and the monotonic one stands still in a frozen process.
    const isYoung = at >= copy.askedAt && at - copy.askedAt < longest && performance.now() - copy.keptAt < longest
    return isYoung && (until === undefined || at < until) ? copy : undefined
  }

  /** Redis confirmed it after a value was read from where it comes from. */
  function isNewer(copy: Copy | undefined, since: number | undefined): boolean {
    return since !== undefined && copy?.isConfirmed === true && copy.ticket > since
  }

  function areChanged(keys: readonly string[] | undefined, since: number): boolean {
    return keys?.some((one) => changes.isChanged(one, since)) === true
  }

  return {
    ticket: changes.ticket,
    isChanged: changes.isChanged,
    fresh(key) {
      const copy = map.get(key)
      return copy?.isConfirmed === true ? within(copy, ttl, copy.freshUntil) : undefined
    },
    spare(key) {
      const copy = map.get(key)
      return within(copy, outage, copy?.until)
    },
    answered(key, ticket, text) {
      const copy = map.get(key)
      if (copy !== undefined && (!copy.isConfirmed || (text !== copy.text && ticket > copy.ticket))) map.delete(key)
    },
    keep(key, text, { freshUntil, until, on }, ticket, askedAt) {
      // Two questions may be answered in the other order.
      if (isNewer(map.get(key), ticket) || changes.isChanged(key, ticket) || areChanged(on, ticket)) return
      put(key, { text, isConfirmed: true, askedAt, keptAt: performance.now(), ticket, freshUntil, until, on })
    },
    begin(key, isReplaced = false) {
      if (!isReplaced) remove(key)
      return changes.begin(key)
    },
    end(key, change, written) {
      const { isAlone, isLatest, ticket } = changes.end(change)
      if (key === undefined) return
      if (!isLatest) {
        // A later change knows better what is to be kept. It may have left what was there before both: this one makes an end of that.
        if ((map.get(key)?.ticket ?? Infinity) < change.ticket) remove(key)
        return
      }
      if (written?.isUnsent === true && isNewer(map.get(key), written.since)) return
      remove(key)
      if (written === undefined || (written.isConfirmed ? !isAlone : outage === 0)) return
      const { text, isConfirmed, askedAt, since = change.ticket, freshUntil, until, on } = written
      if (!areChanged(on, since)) put(key, { text, isConfirmed, askedAt, keptAt: performance.now(), ticket, freshUntil, until, on })
    },
  }
}

/** Bytes that engines hold a text in: one a character, two where any of them is beyond Latin-1. */
function sizeOf(text: string): number {
  return /[^\0-\xff]/.test(text) ? 2 * text.length : text.length
}
