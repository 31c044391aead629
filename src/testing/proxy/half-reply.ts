import type { Behaviour, Link } from './behaviour.ts'
import type { FaultOptions } from './fault.ts'

/** Long enough for what was written to reach a client on this machine before the reset does. */
const RESET_DELAY = 20

/** Passes a part of the replies, to the byte, and then stalls, closes or resets. */
export function halfReply(link: Link, { bytes, then = 'stall' }: FaultOptions): Behaviour {
  let left = bytes
  let isCut = false
  return {
    request: link.toTarget,
    reply: (piece) => {
      if (isCut) return
      if (piece === null) return link.toClient(null)
      left ??= Math.floor(piece.length / 2)
      const part = piece.subarray(0, left)
      left -= part.length
      if (part.length > 0) link.toClient(part)
      if (left > 0) return
      isCut = true
      if (then === 'close') link.close()
      if (then === 'reset') link.later(RESET_DELAY, link.reset)
    },
    get isIntact() {
      return !isCut
    },
  }
}
