/** Keys that this process changed lately, so that an answer which was asked for before a change is not taken for what is there now. */
export interface Changes {
  /** A number that goes up with each call: what is asked for before a change has a lower one than the change. */
  ticket(): number
  /** A change of a key begins. Every key begins to change at once where none is given. */
  begin(key?: string): Change
  /** It has ended: confirmed, refused or given up. */
  end(change: Change): Ended
  /** Whether the key was changed since a ticket was taken, or is being changed. True where that is not known any more. */
  isChanged(key: string, since: number): boolean
}

/** A change under way. */
export interface Change {
  readonly ticket: number
  readonly of: History
}

/** How a change ended. */
interface Ended {
  /** No other change of the key was under way at the same time: it is what Redis holds now. */
  readonly isAlone: boolean
  /** No other change of the key began after it. */
  readonly isLatest: boolean
  /** What is asked for from now on has a higher ticket. */
  readonly ticket: number
}

/** What is known of the changes of one key. */
interface History {
  /** Undefined: of every key. */
  readonly id: number | undefined
  /** When one of them began or ended. */
  last: number
  /** When the latest of them began. */
  latest: number
  underWay: number
  /** Two of them were under way at once, and not all of them have ended. */
  isMixed: boolean
  /** Epoch ms. A change whose request was killed never ends: after this nobody waits for it. */
  until: number
}

/** How many keys are remembered. What was asked for before the oldest of them counts as changed. */
const MAX_REMEMBERED = 4_096
/** ms; longer than any change takes. */
const LONGEST_CHANGE = 60_000

/** @param now the clock, epoch ms */
export function createChanges(now: () => number): Changes {
  /** By a hash of the key: a key may be long, and two keys with one hash do no harm. */
  const histories = new Map<number, History>()
  const everything = begun(undefined, 0)
  let last = 0
  /** Tickets below are too old to tell. */
  let oldest = 0

  function remember(id: number, history: History): void {
    // At the end, as the newest.
    histories.delete(id)
    histories.set(id, history)
    if (histories.size <= MAX_REMEMBERED) return
    const [first] = histories
    if (first === undefined) return
    histories.delete(first[0])
    oldest = isUnderWay(first[1]) ? (last += 1) : Math.max(oldest, first[1].last)
  }

  function isUnderWay({ underWay, until }: History): boolean {
    return underWay > 0 && now() < until
  }

  function isIn(history: History | undefined, since: number): boolean {
    return history !== undefined && (history.last > since || isUnderWay(history))
  }

  return {
    ticket: () => (last += 1),
    begin(key) {
      const ticket = (last += 1)
      const id = key === undefined ? undefined : hashOf(key)
      const of = id === undefined ? everything : (histories.get(id) ?? begun(id, ticket))
      of.isMixed = isUnderWay(of)
      if (!of.isMixed) of.underWay = 0
      of.underWay += 1
      of.last = ticket
      of.latest = ticket
      of.until = now() + LONGEST_CHANGE
      if (id !== undefined) remember(id, of)
      return { ticket, of }
    },
    end({ ticket, of }) {
      const ended = (last += 1)
      of.underWay = Math.max(0, of.underWay - 1)
      of.last = ended
      // It was crowded out while it was under way.
      if (of.id !== undefined && histories.get(of.id) !== of) oldest = ended
      return {
        isAlone: !of.isMixed && !isIn(everything, ticket) && ticket >= oldest,
        isLatest: of.latest === ticket && everything.latest < ticket,
        ticket: ended,
      }
    },
    isChanged: (key, since) => since < oldest || isIn(everything, since) || (histories.size > 0 && isIn(histories.get(hashOf(key)), since)),
  }
}

function begun(id: number | undefined, ticket: number): History {
  return { id, last: ticket, latest: ticket, underWay: 0, isMixed: false, until: 0 }
}

/** FNV-1a, in the 30 bits that every engine holds without an object. */
function hashOf(key: string): number {
  let hash = 0x81_1c_9d_c5
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01_00_01_93)
  return hash >>> 2
}
