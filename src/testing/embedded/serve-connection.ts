import type { Socket } from 'node:net'
import { ProtocolError, requestDecoder } from './decode-requests.ts'
import { encodeReply } from './encode-reply.ts'
import { execute } from './execute.ts'
import { RedisError, type Request } from './reply.ts'
import { openSession } from './session.ts'
import type { State } from './state.ts'

/** Characters of replies that are gathered for one write. */
const MAX_REPLIES = 1_048_576

/** Talks to one client until it goes, or is asked to. */
export function serveConnection(socket: Socket, state: State): void {
  const { settings, sessions, counters } = state
  socket.on('error', () => {
    // The client is gone; `close` follows and does the rest.
  })
  counters.connections += 1
  if (sessions.size >= settings.maxclients) {
    counters.rejected += 1
    // Read on, or its end would never be seen.
    socket.resume().end('-ERR max number of clients reached\r\n')
    return
  }
  const address = socket.remoteAddress === undefined ? '/unix:0' : `${socket.remoteAddress}:${socket.remotePort}`
  const session = openSession(counters.connections, address, state.now(), settings.requirepass === '')
  sessions.add(session)
  socket.on('close', () => sessions.delete(session))

  const decoder = requestDecoder(() => session.isTrusted)
  socket.setNoDelay(true)
  socket.on('data', (chunk: Buffer) => {
    let replies = ''
    const flush = (): void => {
      // A client that does not read is not read from either.
      if (replies !== '' && !socket.write(replies, 'latin1')) socket.pause()
      replies = ''
    }
    try {
      for (const request of decoder.decode(chunk)) {
        if (isFromBrowser(request)) {
          socket.destroy()
          return
        }
        replies += encodeReply(execute(request, session, state), session.protocol)
        if (replies.length > MAX_REPLIES) flush()
        if (session.isClosing) break
      }
    } catch (error) {
      // Whatever else goes wrong, such as a reply that no string holds, must not end the process that this server lives in.
      const message = error instanceof ProtocolError ? `Protocol error: ${error.message}` : `internal error: ${String(error)}`
      replies += encodeReply(new RedisError(`ERR ${message}`), session.protocol)
      session.isClosing = true
    }
    flush()
    if (session.isClosing) socket.removeAllListeners('data').end()
  })
  socket.on('drain', () => socket.resume())
}

/** The first line or a header of HTTP: some page has a browser write to this port. Redis hangs up without a word, too. */
function isFromBrowser([name = '']: Request): boolean {
  return /^(post|host:)$/i.test(name)
}
