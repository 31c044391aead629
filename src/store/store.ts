import type { CacheError } from '../errors.ts'
import type { Origin } from './copies/origin.ts'
import type { Request } from '../session/session.ts'

/** What a key holds: an entry, the version of a tag, or a lease. */
export type Kind = 'entry' | 'version' | 'lease'

/** What is stored under a key: undefined where there is nothing, or why nobody knows. */
export type Text = string | undefined | CacheError

/** A text to be stored. */
export interface Write {
  readonly key: string
  readonly text: string
  /** ms; undefined for no expiry. */
  readonly ttl: number | undefined
  /** Only where nothing is stored under the key. Default false. */
  readonly ifAbsent?: boolean
  /** Only where something is stored under the key. Default false. */
  readonly ifPresent?: boolean
  /** What a copy in this process has to know of it. */
  readonly copied?: CopiedWrite
}

/** How a text that is written is kept as a copy. */
export interface CopiedWrite {
  /** Epoch ms, until when it is fresh; undefined: as long as it is there. */
  readonly freshUntil?: number | undefined
  /** Stored keys whose change makes an end of it. */
  readonly on?: readonly string[] | undefined
  /** Epoch ms, from when the versions of its tags may be: the copy is as old, however long the value took to load. */
  readonly versionsAt?: number | undefined
  /** A ticket of the copies from before the value was read from where it comes from. */
  readonly since: number
  /** It was loaded: what is kept under its key is no wrong answer before the write is confirmed. */
  readonly isLoaded?: boolean
}

/** A write that does not reach Redis, where copies are kept: what was copied is gone. */
export interface Unwritten {
  readonly key: string
  /** Why. */
  readonly failure: CacheError
  /** What may be kept while Redis gives no answer. */
  readonly instead?: Write | undefined
}

/** Keys to be removed. */
export interface Removal {
  /** Several only where one command may name them all: they share a hash slot. */
  readonly keys: readonly string[]
  /** The server frees the memory in the background. Default false. */
  readonly isLazy?: boolean
}

/** What is added behind the text that is stored under a key, in one step: of two that are made at once, both are there. */
interface Addition {
  readonly key: string
  readonly more: string
}

/** What a part of the text that is stored under a key is replaced by, in one step. */
interface Overwriting {
  readonly key: string
  /** How many characters stay as they are: ASCII, and at least as many are there. */
  readonly from: number
  readonly part: string
}

/** How long a key has to live from now on. */
interface Renewal {
  readonly key: string
  /** ms */
  readonly renewedFor: number
}

/** What is to be done to a key. */
export type Change = Write | Removal | Addition | Overwriting | Renewal

/**
 * What came of a change: true where it was made, false where Redis had nothing to do (something is stored there already, or nothing
 * that could be replaced, removed or renewed), or why it is not confirmed.
 */
export type Changed = boolean | CacheError

/** How several keys are read. */
export interface ReadManyOptions {
  /** They share a hash slot: one command reads them all. Default false. */
  readonly isOneSlot?: boolean
  /** Only whether something is stored: its text is not fetched, and stands as an empty one. Default false. */
  readonly isPresenceOnly?: boolean
  /** Told in the same round trip how long each key has to live: ms, below 0 where it has no end or is not there. */
  readonly onAge?: (index: number, left: number | CacheError) => void
  /** Told where each text comes from, where copies are kept. */
  readonly onOrigin?: (index: number, origin: Origin) => void
}

/** Which stored keys belong to one namespace: `Keys` is one. */
export interface KeyRange {
  /** What each of them begins with; empty for keys without a namespace. */
  readonly prefix: string
  /** False for a key that begins with the prefix and yet belongs to somebody else. */
  owns(storedKey: string): boolean
}

/** One step of a walk over all keys. */
export interface ScannedPage {
  /** Where the next step begins; undefined after the last. */
  readonly next: string | undefined
  /** Stored keys of the range; a key may come twice, as with every SCAN. */
  readonly keys: readonly string[]
}

/**
 * Makes the outcome of what was read. `origin` is there where copies are kept and one answers or might be made; `at` (epoch ms) where
 * it is known when the answer came.
 */
export type Take<Outcome> = (text: Text, origin?: Origin, at?: number) => Outcome | Promise<Outcome>

/**
 * The one way to what is stored, for everything that names a key: texts under stored keys, how long they live, and what came of
 * it. Nobody above builds a Redis command or sees a batch; nobody below knows what is stored. What is asked for within one microtask
 * turn goes out together, in the order in which it was asked for. Never rejects for a fault of Redis.
 */
export interface Store {
  /** The hot path. @param take makes the outcome of what was read; the promise is for that, so that a read costs one and no more */
  read<Outcome>(key: string, kind: Kind, request: Request | undefined, take: Take<Outcome>): Promise<Outcome>
  /** @param keys a slot that is an error already stays one. @returns by position */
  readMany(keys: readonly (string | CacheError)[], kind: Kind, request?: Request, options?: ReadManyOptions): Promise<readonly Text[]>
  /** For one change an outcome is made of what came of it: as `read`, it costs one promise and no more. */
  write<Outcome>(
    changes: readonly [Change | Unwritten | CacheError],
    kind: Kind,
    request: Request | undefined,
    finish: (outcome: Changed) => Outcome,
  ): Promise<Outcome>
  /** @param changes a slot that is an error already stays one. @returns by position */
  write(changes: readonly (Change | Unwritten | CacheError)[], kind: Kind, request?: Request): Promise<readonly Changed[]>
  /**
   * Reads an entry and deletes it, in one step where Redis knows GETDEL (6.2). Before that a text is given to one taker at most, and
   * one that is written in the very moment of the second step may be lost.
   */
  take(key: string, request?: Request): Promise<Text>
  /** One step of a walk over all keys of a range. @param cursor where the last page said; undefined at the start */
  walk(range: KeyRange, cursor: string | undefined, request?: Request): Promise<ScannedPage | CacheError>
}
