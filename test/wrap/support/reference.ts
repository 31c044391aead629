/**
 * The reference that the cache is held against: what each key may hold by now. It is a map of a few numbers; where an
 * operation's outcome is not known (no confirmation, or work in the background), a key holds one of several states.
 */
export interface StoredState {
  readonly value: unknown
  /** Epoch ms; the first and the last instant at which it may have ended, since a timeout moves the clock within an operation. */
  readonly freshUntil: Range
  readonly keptUntil: Range
  /** The tags, each with how often it had been invalidated when the value's load began. */
  readonly tags: ReadonlyMap<string, number>
}
export type Range = readonly [first: number, last: number]

/** How a state stands at the time of a read. `unsure` only where the instant of an end lies within the operation. */
export interface Standing {
  readonly mayBeFresh: boolean
  readonly mustBeFresh: boolean
  readonly mayBeKept: boolean
  readonly mustBeKept: boolean
}

/** An empty reference. */
export function createReference() {
  const states = new Map<string, readonly (StoredState | undefined)[]>()
  const invalidated = new Map<string, number>()

  function statesOf(key: string): readonly (StoredState | undefined)[] {
    return states.get(key) ?? [undefined]
  }

  return {
    statesOf,
    /** It holds this and nothing else. */
    put(key: string, state: StoredState | undefined): void {
      states.set(key, [state])
    },
    /** It holds this, or what it held. */
    mayPut(key: string, state: StoredState | undefined): void {
      states.set(key, [...statesOf(key), state])
    },
    forgetAll(): void {
      states.clear()
    },
    invalidate(tag: string): void {
      invalidated.set(tag, (invalidated.get(tag) ?? 0) + 1)
    },
    /** The tags as an entry would be stored under them now. */
    tagsNow: (tags: readonly string[]): ReadonlyMap<string, number> => new Map(tags.map((tag) => [tag, invalidated.get(tag) ?? 0])),
    standingOf(state: StoredState | undefined, [from, to]: Range): Standing {
      const isValid = state !== undefined && [...state.tags].every(([tag, count]) => (invalidated.get(tag) ?? 0) === count)
      return {
        mayBeFresh: isValid && from < state.freshUntil[1],
        mustBeFresh: isValid && to < state.freshUntil[0],
        mayBeKept: isValid && from < state.keptUntil[1],
        mustBeKept: isValid && to < state.keptUntil[0],
      }
    },
  }
}
export type Reference = ReturnType<typeof createReference>
