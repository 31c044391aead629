import * as fc from 'fast-check'
import { type Copies, createCopies } from '../../../../src/store/copies/copies.ts'

/** One step of a history: what happens, to which key, and which of the operations under way goes on. */
export type Step = readonly [action: Action, key: string, pick: number]
const ACTIONS = [
  'read',
  'set',
  'setTagged',
  'load',
  'delete',
  'invalidate',
  'clear',
  'elsewhere',
  'goOn',
  'goOn',
  'goOn',
  'goOn',
  'fail',
  'wait',
] as const
type Action = (typeof ACTIONS)[number]

export const steps = fc.array(fc.tuple(fc.constantFrom(...ACTIONS), fc.constantFrom('a', 'b'), fc.nat(5)), { minLength: 5, maxLength: 60 })

const TAG = 'tag'
const TTL = 1_000
const OUTAGE = 5_000
const NO_END = { freshUntil: undefined, until: undefined }

/** A stored value: its number, and the version of the tag that it was stored under. */
interface Stored {
  readonly value: number
  readonly version: number | undefined
}

/** Something of this process that makes values invalid. Instants count events. */
interface Change {
  readonly key: string | undefined
  readonly isTag: boolean
  readonly beganAt: number
  appliedAt: number | undefined
  endedAt: number | undefined
}

/** One operation under way, in the steps that it takes. */
interface UnderWay {
  /** @returns whether there is more */
  goOn(): boolean
  fail(): void
}

/** One process with copies, a Redis, and operations whose parts happen in any order. Every value is another one. */
export function simulate(history: readonly Step[], prepared: Copies, clock: { at: number }, check: (sound: boolean, why: string) => void): void {
  const copies = prepared
  const redis = new Map<string, Stored>()
  const changes: Change[] = []
  const underWay: UnderWay[] = []
  /** When a value was stored in Redis, and the change that wrote it; and when it was last asked for and seen. */
  const appliedAt = new Map<number, number>()
  const writtenBy = new Map<number, Change>()
  const askedAt = new Map<number, number>()
  const tagged = new Set<number>()
  let version = 0
  let event = 0
  let nextValue = 0

  const current = (key: string): Stored | undefined => {
    const stored = redis.get(key)
    return stored?.version === undefined || stored.version === version ? stored : undefined
  }
  const apply = (key: string, stored: Stored): void => {
    redis.set(key, stored)
    appliedAt.set(stored.value, event)
  }

  function read(key: string): UnderWay {
    const ticket = copies.ticket()
    const beganAt = event
    const at = clock.at
    let seen: Stored | undefined
    let stage = 0
    return {
      goOn() {
        stage += 1
        if (stage === 1) {
          seen = current(key)
          return true
        }
        copies.answered(key, ticket, seen === undefined ? undefined : String(seen.value))
        if (seen === undefined) return false
        askedAt.set(seen.value, Math.max(askedAt.get(seen.value) ?? 0, beganAt))
        copies.keep(key, String(seen.value), { ...NO_END, on: seen.version === undefined ? undefined : [TAG] }, ticket, at)
        return false
      },
      fail() {},
    }
  }

  function change(
    key: string | undefined,
    isTag: boolean,
    onApply: () => void,
    written?: { value: number; isTagged: boolean; since?: number },
  ): UnderWay {
    const since = written?.since
    const isLate = since !== undefined && key !== undefined && copies.isChanged(key, since)
    const own: Change = { key, isTag, beganAt: event, appliedAt: undefined, endedAt: undefined }
    changes.push(own)
    if (written !== undefined) writtenBy.set(written.value, own)
    const began = copies.begin(key, since !== undefined)
    const at = clock.at
    const finish = (isConfirmed: boolean): void => {
      own.endedAt = event
      const kept =
        written === undefined || isLate
          ? undefined
          : { text: String(written.value), isConfirmed, askedAt: at, since, ...NO_END, on: written.isTagged ? [TAG] : undefined }
      copies.end(key, began, kept)
    }
    let stage = 0
    return {
      goOn() {
        stage += 1
        if (stage === 1) {
          own.appliedAt = event
          onApply()
          return true
        }
        finish(true)
        return false
      },
      // It may have been done all the same.
      fail: () => finish(false),
    }
  }

  /** A load: it reads its source, then writes. */
  function load(key: string): UnderWay {
    const since = copies.ticket()
    const value = nextValue++
    loadedAt.set(value, event)
    let writing: UnderWay | undefined
    return {
      goOn() {
        if (writing !== undefined) return writing.goOn()
        writing = change(key, false, () => apply(key, { value, version: undefined }), { value, isTagged: false, since })
        return true
      },
      fail() {
        if (writing !== undefined) writing.fail()
        else {
          unconfirmedAt.set(value, event)
          const isLate = copies.isChanged(key, since)
          const unsent = copies.begin(key, true)
          copies.end(
            key,
            unsent,
            isLate ? undefined : { text: String(value), isConfirmed: false, askedAt: clock.at, since, isUnsent: true, ...NO_END },
          )
        }
      },
    }
  }
  const loadedAt = new Map<number, number>()
  const unconfirmedAt = new Map<number, number>()

  function look(key: string): void {
    for (const copy of [copies.fresh(key), copies.spare(key)]) {
      if (copy === undefined) continue
      const value = Number(copy.text)
      const bornAt = loadedAt.get(value) ?? writtenBy.get(value)?.beganAt ?? -1
      for (const one of changes) {
        const concerns = one.key === undefined || one.key === key || (one.isTag && tagged.has(value))
        if (!concerns || writtenBy.get(value) === one) continue
        // A load's write is no change that makes older values wrong before it is confirmed.
        const applied = appliedAt.get(value)
        const isInOrder = copy.isConfirmed && applied !== undefined && one.appliedAt !== undefined
        const isNewer = isInOrder ? applied > (one.appliedAt ?? 0) : bornAt > one.beganAt
        const wasSeenAfter = one.endedAt !== undefined && (askedAt.get(value) ?? -1) >= one.endedAt && (one.appliedAt === undefined || isNewer)
        check(isNewer || wasSeenAfter || isLoadsWrite(one), `${value} of ${key} is served, a change of event ${one.beganAt} notwithstanding`)
      }
    }
  }
  function isLoadsWrite(one: Change): boolean {
    return one.endedAt === undefined && [...writtenBy].some(([value, by]) => by === one && loadedAt.has(value))
  }

  function begin(action: Action, key: string): UnderWay | undefined {
    if (action === 'read') return read(key)
    if (action === 'load') return load(key)
    if (action === 'delete') return change(key, false, () => void redis.delete(key))
    if (action === 'clear') return change(undefined, false, () => redis.clear())
    if (action === 'invalidate') return change(TAG, true, () => void (version += 1))
    if (action === 'set' || action === 'setTagged') {
      const value = nextValue++
      const isTagged = action === 'setTagged'
      const under = isTagged ? version : undefined
      if (isTagged) tagged.add(value)
      return change(key, false, () => apply(key, { value, version: under }), { value, isTagged })
    }
    return undefined
  }

  for (const [action, key, pick] of history) {
    event += 1
    const index = underWay.length === 0 ? -1 : pick % underWay.length
    const one = underWay[index]
    if (action === 'wait') clock.at += pick * 300
    else if (action === 'elsewhere') apply(key, { value: nextValue++, version: undefined })
    else if (action === 'goOn' && one !== undefined) {
      if (!one.goOn()) underWay.splice(index, 1)
    } else if (action === 'fail' && one !== undefined) {
      one.fail()
      underWay.splice(index, 1)
    } else {
      const begun = begin(action, key)
      if (begun !== undefined) underWay.push(begun)
    }
    look('a')
    look('b')
  }
}

/** Copies that are loaded, and the clock that they go by. */
export async function preparedCopies(): Promise<{ readonly copies: Copies; readonly clock: { at: number } }> {
  const clock = { at: 1_000_000 }
  const copies = createCopies({ ttl: TTL, entries: 10, bytes: 10_000, outage: OUTAGE, share: false }, () => clock.at)
  return { copies, clock }
}
