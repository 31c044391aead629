import type { Behaviour, Link } from './behaviour.ts'
import { closeIdle } from './close-idle.ts'
import { delayed } from './delayed.ts'
import { drip } from './drip.ts'
import type { Fault, FaultOptions } from './fault.ts'
import { halfReply } from './half-reply.ts'
import { hold } from './hold.ts'

/** Redis and HTTP clients alike must find this unreadable: no RESP type begins with 0x00. */
const GARBAGE = Buffer.from('\u0000\u00ff\u00fe garbage \r\n\r\n', 'latin1')
const MEBIBYTE = 1_048_576

/**
 * The behaviour of one connection under a fault.
 *
 * @param fault which one
 * @param options its dose
 * @param link the connection
 */
export function behaviour(fault: Fault, options: FaultOptions, link: Link): Behaviour {
  switch (fault) {
    case 'healthy':
      return pass(link)
    case 'refuse':
    case 'reset':
      return { ...swallow(link), request: link.reset }
    case 'silent':
      return swallow(link)
    case 'blackhole':
    case 'freeze':
      return hold(link)
    case 'halfReply':
      return halfReply(link, options)
    case 'slow':
      return slow(link, options.delay ?? 2_000)
    case 'latency':
      return latency(link, options.delay ?? 10)
    case 'drip':
      return { ...pass(link), ...drip(link, options) }
    case 'garbage':
      return answer(link, () => GARBAGE)
    case 'huge':
      return answer(link, () => bulkString(options.bytes ?? 32 * MEBIBYTE))
    case 'closeIdle':
      return closeIdle(link, options.delay ?? 100)
    case 'reroute':
      // Nothing was lost, but the fault that follows is not to go on with another server.
      return { ...pass(link), isIntact: false }
  }
}

function pass(link: Link): Behaviour {
  return { request: link.toTarget, reply: link.toClient, isIntact: true }
}

/** The client's end of the connection is honoured, or it would count as open for ever. */
function swallow(link: Link): Behaviour {
  return { request: (piece) => piece ?? link.close(), reply: () => {}, isIntact: false }
}

function answer(link: Link, make: () => Buffer): Behaviour {
  return {
    request: (piece) => (piece === null ? link.close() : link.toClient(make())),
    reply: () => {},
    isIntact: false,
  }
}

function slow(link: Link, delay: number): Behaviour {
  const replies = delayed(link, delay, link.toClient)
  return { ...pass(link), reply: replies.push, release: (next) => replies.release(next.reply) }
}

function latency(link: Link, delay: number): Behaviour {
  const requests = delayed(link, delay, link.toTarget)
  const replies = delayed(link, delay, link.toClient)
  return {
    request: requests.push,
    reply: replies.push,
    isIntact: true,
    release: (next) => {
      replies.release(next.reply)
      requests.release(next.request)
    },
  }
}

function bulkString(bytes: number): Buffer {
  return Buffer.concat([Buffer.from(`$${bytes}\r\n`), Buffer.alloc(bytes, 'x'), Buffer.from('\r\n')])
}
