import type { Behaviour, Link, Piece } from './behaviour.ts'
import type { FaultOptions } from './fault.ts'

/** Hands the replies over a few bytes at a time, and the rest at once when the fault is over. */
export function drip(link: Link, { delay = 50, bytes = 1 }: FaultOptions): Pick<Behaviour, 'reply' | 'release'> {
  let waiting: Piece[] = []
  let isDripping = false
  const step = (): void => {
    const [piece, ...rest] = waiting
    isDripping = piece !== undefined
    if (piece === undefined) return
    const remainder = piece?.subarray(bytes)
    waiting = remainder === undefined || remainder.length === 0 ? rest : [remainder, ...rest]
    link.toClient(piece === null ? null : piece.subarray(0, bytes))
    link.later(delay, step)
  }
  return {
    reply: (piece) => {
      waiting.push(piece)
      if (!isDripping) step()
    },
    release: (next) => {
      const held = waiting
      waiting = []
      for (const piece of held) next.reply(piece)
    },
  }
}
