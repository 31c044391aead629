import { channel } from 'node:diagnostics_channel'

/** What is used of a `net.Socket`. */
interface Socket {
  destroy(error: Error): void
}

/** Node tells here of each socket that `net.connect` makes, before it is connected. For TLS, and in other runtimes, nobody tells. */
const sockets = channel('net.client.socket')

/**
 * node-redis keeps a socket to itself until it is connected, and its `destroy()` leaves such a socket open. What ends it: the
 * socket itself, where the runtime tells of it; else an AbortSignal, whose listeners cost a seventh of a connect on loopback.
 *
 * @returns runs a function that dials, and gives the way to end its socket before that is connected. The function is handed a signal
 *   unless the dial before it was told of
 */
export function createHangUps(): (dial: (signal: AbortSignal | undefined) => void) => (error: Error) => void {
  let isTold = false

  return (dial) => {
    const lifetime = isTold ? undefined : new AbortController()
    const socket = socketOpenedBy(() => dial(lifetime?.signal))
    isTold = socket !== undefined
    return (error) => {
      if (socket === undefined) lifetime?.abort()
      else socket.destroy(error)
    }
  }
}

/** @param dial opens one socket at most, before it returns: what is opened later is not seen */
function socketOpenedBy(dial: () => void): Socket | undefined {
  let opened: Socket | undefined
  const listen = (message: unknown): void => {
    opened = (message as { readonly socket?: Socket }).socket
  }
  sockets.subscribe(listen)
  try {
    dial()
  } finally {
    sockets.unsubscribe(listen)
  }
  return opened
}
