import type { Instant, Value } from './history.ts'
import { NAMESPACE, type Run } from './run.ts'
import type { Held } from './server.ts'

/** An entry as the server held it for a while. */
export interface Stored {
  readonly value: Value
  readonly tags: readonly (readonly [tag: string, version: string])[]
  readonly from: number
  /** The order in which it was replaced or removed; Infinity: never. */
  readonly until: number
  /** ms since the start; likewise. */
  readonly untilAt: number
  /** By the server's clock, ms since the start; Infinity: never. */
  readonly endsAt: number
  /** Epoch ms by the writer's clock, until when it is fresh and until when it is there. */
  readonly fresh: number
  readonly expires: number
}

/** @returns the stored form of a public key */
export function storedKeyOf(key: string): string {
  return `${NAMESPACE}::${key}`
}

/** What was read of a record before: a judge asks for the same entries again and again. */
const known = new WeakMap<Run['held'], Map<string, readonly Stored[]>>()

/** Everything that the server held under a public key. Of a run that is over. */
export function entriesOf({ held }: Run, key: string): readonly Stored[] {
  const entries = known.get(held) ?? new Map<string, readonly Stored[]>()
  known.set(held, entries)
  const found = entries.get(key) ?? readEntries(held, key)
  entries.set(key, found)
  return found
}

function readEntries(record: Run['held'], key: string): readonly Stored[] {
  return spans(record.get(storedKeyOf(key)) ?? []).flatMap(({ held, until, untilAt }) => {
    if (held.text === undefined) return []
    const parsed = JSON.parse(held.text) as { value: Value; tags?: Stored['tags']; fresh?: number; expires?: number }
    const expires = parsed.expires ?? Infinity
    return [
      {
        value: parsed.value,
        tags: parsed.tags ?? [],
        from: held.order,
        until,
        untilAt,
        endsAt: held.endsAt ?? Infinity,
        fresh: parsed.fresh ?? expires,
        expires,
      },
    ]
  })
}

/** Whether the server held it at some time between two instants. */
export function wasHeld({ from, until, endsAt }: Stored, began: Instant, ended: Instant): boolean {
  return from < ended.order && until > began.order && endsAt > began.at - 2
}

/** Whether each of an entry's tags had the entry's version at some time between two instants. */
export function wasValid(run: Run, { tags }: Pick<Stored, 'tags'>, began: Instant, ended: Instant): boolean {
  return tags.every(([tag, version]) =>
    spans(run.held.get(`${NAMESPACE}:!fm:tag:${tag}`) ?? []).some(
      ({ held, until }) => held.text === version && held.order < ended.order && until > began.order,
    ),
  )
}

/** Whether each of an entry's tags had the entry's version at some time from an instant (ms since the start) on. */
export function wasValidSince(run: Run, { tags }: Stored, at: number): boolean {
  return tags.every(([tag, version]) =>
    spans(run.held.get(`${NAMESPACE}:!fm:tag:${tag}`) ?? []).some(({ held, untilAt }) => held.text === version && untilAt > at),
  )
}

/** Whether a key was not there, for any reason, at some time between two instants. */
export function wasAbsent(run: Run, key: string, began: Instant, ended: Instant): boolean {
  let covered = began.order
  for (const { from, until, endsAt } of entriesOf(run, key)) {
    if (from > covered) break
    if (until > covered) covered = endsAt < ended.at + 2 ? Math.min(until, covered) : until
  }
  return covered < ended.order
}

function spans(history: readonly Held[]): { readonly held: Held; readonly until: number; readonly untilAt: number }[] {
  return history.map((held, index) => ({ held, until: history[index + 1]?.order ?? Infinity, untilAt: history[index + 1]?.at ?? Infinity }))
}
