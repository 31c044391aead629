import { once } from 'node:events'
import { connect as dial, type NetConnectOpts, type Socket } from 'node:net'
import { codeOf, unreachable } from '../hints.ts'
import type { Address, Step } from '../step.ts'
import type { Target } from '../target.ts'
import { late, within } from '../within.ts'

/** A TCP connection, or one to a unix socket, and nothing said over it yet. */
export const connect: Step = {
  name: 'connect',
  isVital: true,
  isTimed: true,
  async run({ target, patience, facts: { addresses = [] }, onEnd }) {
    const socket = dial(optionsFor(target, addresses))
    onEnd(() => socket.destroy(new Error('The visit is over')))
    // It may fail at any time; whoever uses it hears of that.
    socket.on('error', () => {})
    const startedAt = performance.now()
    try {
      if ((await within(once(socket, 'connect'), patience.left)) === late) return { status: 'failed', ...unreachable('SILENT', target) }
    } catch (error) {
      return { status: 'failed', ...unreachable(codeOf(error), target) }
    }
    patience.answeredIn(performance.now() - startedAt)
    return { status: 'ok', finding: connectedTo(socket), facts: { socket } }
  },
}

function optionsFor({ place, socketPath }: Target, addresses: readonly Address[]): NetConnectOpts {
  if (place === undefined) return { path: socketPath ?? '' }
  // The addresses are known: asking DNS again would count as connecting. All of them, so that one of two families will do.
  return { ...place, lookup: (_host, _options, done) => done(null, [...addresses]) }
}

function connectedTo({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress === undefined ? 'the socket accepts connections' : `${remoteAddress} port ${remotePort} accepts connections`
}
