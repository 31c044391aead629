import type { Behaviour, Link } from './behaviour.ts'

/** Closes the connection in good order once nothing has moved on it for `delay` milliseconds. */
export function closeIdle(link: Link, delay: number): Behaviour {
  let movedAt = performance.now()
  let isOver = false
  const check = (): void => {
    if (isOver) return
    const left = movedAt + delay - performance.now()
    if (left <= 0) link.close()
    else link.later(left, check)
  }
  link.later(delay, check)
  return {
    request: (piece) => {
      movedAt = performance.now()
      link.toTarget(piece)
    },
    reply: (piece) => {
      movedAt = performance.now()
      link.toClient(piece)
    },
    isIntact: true,
    release: () => {
      isOver = true
    },
  }
}
