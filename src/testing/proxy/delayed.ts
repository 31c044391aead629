import type { Link, Piece } from './behaviour.ts'

/** One direction of a connection in which everything arrives late. */
export interface Delayed {
  push(piece: Piece): void
  /** Hands on at once what is still on its way. */
  release(deliver: (piece: Piece) => void): void
}

/** Timers of one length fire in the order in which they were set, so the pieces stay in order. */
export function delayed(link: Link, delay: number, deliver: (piece: Piece) => void): Delayed {
  let onTheWay: Piece[] = []
  return {
    push: (piece) => {
      onTheWay.push(piece)
      link.later(delay, () => {
        const first = onTheWay.shift()
        if (first !== undefined) deliver(first)
      })
    },
    release: (next) => {
      const pieces = onTheWay
      onTheWay = []
      pieces.forEach(next)
    },
  }
}
