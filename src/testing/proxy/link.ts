import { connect, type Socket } from 'node:net'
import type { Behaviour, Link, Piece } from './behaviour.ts'

/** Where the connections go in the end. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** What one connection tells the proxy. */
export interface LinkReport {
  request(bytes: number): void
  reply(bytes: number): void
  targetFailed(code: string): void
  /** Once, when the client has hung up or was cut off. */
  closed(): void
}

/** One connection through the proxy and the fault that is on. */
export interface LiveLink {
  apply(make: (link: Link) => Behaviour): void
  close(): void
  reset(): void
}

/**
 * Joins a client to the target, through a behaviour that can be exchanged while the two talk.
 *
 * @param client the accepted socket, half open allowed
 * @param target dialled at once
 * @param make the behaviour to begin with
 * @param report counts and log
 */
export function openLink(client: Socket, target: Endpoint, make: (link: Link) => Behaviour, report: LinkReport): LiveLink {
  const upstream = connect({ ...target, allowHalfOpen: true, noDelay: true })
  const timers = new Set<NodeJS.Timeout>()
  const link: Link = {
    toTarget: (piece) => write(upstream, client, piece),
    toClient: (piece) => {
      if (piece !== null && client.writable) report.reply(piece.length)
      write(client, upstream, piece)
    },
    close: () => {
      upstream.destroy()
      client.resume().end()
      hangUp()
    },
    reset: () => {
      upstream.destroy()
      // While its end is on the way it cannot be reset: Node (24.21) loses the handle then, and never leaves the process.
      if (client.writableEnded && !client.writableFinished) client.destroy()
      else client.resetAndDestroy()
      hangUp()
    },
    later: (delay, run) => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        run()
      }, delay)
      // The client waits for the reply, or does not: this proxy keeps no process alive.
      timer.unref()
      timers.add(timer)
    },
  }
  let isOpen = true
  const hangUp = (): void => {
    if (isOpen) report.closed()
    isOpen = false
  }
  const finish = (): void => {
    for (const timer of timers) clearTimeout(timer)
    upstream.destroy()
    hangUp()
  }
  let current: Behaviour | undefined
  const apply = (next: (link: Link) => Behaviour): void => {
    const previous = current
    if (previous?.isIntact === false) return link.reset()
    current = next(link)
    previous?.release?.(current)
  }

  client.unref().on('error', () => client.destroy())
  client.on('data', (piece: Buffer) => {
    report.request(piece.length)
    current?.request(piece)
  })
  client.on('end', () => {
    current?.request(null)
    hangUp()
  })
  client.on('close', finish)
  upstream.unref().on('data', (piece: Buffer) => current?.reply(piece))
  upstream.on('end', () => current?.reply(null))
  upstream.on('error', (error: NodeJS.ErrnoException) => {
    report.targetFailed(error.code ?? error.name)
    link.reset()
  })
  apply(make)
  return { apply, close: link.close, reset: link.reset }
}

/** The reader waits while the writer is full: a large value does not pile up here. */
function write(to: Socket, from: Socket, piece: Piece): void {
  if (!to.writable) return
  if (piece === null) {
    to.end()
    return
  }
  // What was held back comes in many pieces at once: one of them waits for all.
  if (to.write(piece) || from.isPaused()) return
  from.pause()
  to.once('drain', () => from.resume())
}
