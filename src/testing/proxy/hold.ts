import type { Behaviour, Link, Piece } from './behaviour.ts'

/**
 * Nothing moves and nothing is lost. The sockets are read all the same: a socket that is not read
 * does not notice that its client has gone, and would count as open.
 */
export function hold(link: Link): Behaviour {
  const requests: Piece[] = []
  const replies: Piece[] = []
  return {
    request: (piece) => {
      if (piece === null) link.close()
      else requests.push(piece)
    },
    reply: (piece) => {
      replies.push(piece)
    },
    isIntact: true,
    release: (next) => {
      for (const piece of replies) next.reply(piece)
      for (const piece of requests) next.request(piece)
    },
  }
}
