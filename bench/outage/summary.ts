import { type Contestant, CONTESTANTS } from './libraries.ts'
import type { Timed } from './protocol.ts'
import type { Cell, Exit, Results } from './results.ts'

/** What one library with one set of options made of all faults of its wire; the healthy row is no fault. */
export interface Summary extends Contestant {
  readonly faults: number
  /** Milliseconds; null where an answer never came. */
  readonly slowestFirst: number | null
  readonly slowestSecond: number | null
  /** Faults with a `get` that was not answered within the window. */
  readonly unanswered: number
  readonly mostDials: number
  /** Faults in which an answer was a miss, although the value is stored or Redis said that it is sick. */
  readonly falseMisses: number
  /** Faults in which a `set` was reported as done, and the value was not in Redis at the end. */
  readonly falseWrites: number
  readonly exits: Readonly<Record<Exit['how'], number>>
}

/** One for each contestant that was measured, in the order of the tables. */
export function summaries({ cells }: Results): Summary[] {
  return CONTESTANTS.flatMap((contestant) => {
    const own = cellsOf(cells, contestant).filter(({ fault }) => fault !== 'healthy')
    return own.length === 0 ? [] : [summary(contestant, own)]
  })
}

/** The cells of one contestant, in the order of the faults. */
export function cellsOf(cells: readonly Cell[], { library, settings, wire }: Contestant): Cell[] {
  return cells.filter((cell) => cell.library === library && cell.settings === settings && cell.wire === wire)
}

/** Whether a `get` called a stored value a miss. */
export function isFalseMiss({ first, second }: Cell): boolean {
  return first?.answer === 'miss' || second?.answer === 'miss'
}

/** Whether a `set` was reported as done that was not. */
export function isFalseWrite({ stored }: Cell): boolean {
  return stored?.said === true && !stored.isStored
}

function summary(contestant: Contestant, cells: readonly Cell[]): Summary {
  const count = (isCounted: (cell: Cell) => boolean): number => cells.filter(isCounted).length
  const ended = (how: Exit['how']): number => count(({ exit }) => exit.how === how)
  const answered = cells.filter(({ first }) => first !== null)
  return {
    ...contestant,
    faults: cells.length,
    slowestFirst: slowest(cells.map(({ first }) => first)),
    slowestSecond: slowest(answered.map(({ second }) => second)),
    unanswered: count(({ first, second }) => first === null || second === null),
    mostDials: Math.max(...cells.map(({ dials }) => dials)),
    falseMisses: count(isFalseMiss),
    falseWrites: count(isFalseWrite),
    exits: {
      'by itself': ended('by itself'),
      'after close': ended('after close'),
      never: ended('never'),
      crashed: ended('crashed'),
    },
  }
}

function slowest(answers: readonly (Timed | null)[]): number | null {
  return answers.reduce<number | null>((most, one) => (most === null || one === null ? null : Math.max(most, one.ms)), 0)
}
