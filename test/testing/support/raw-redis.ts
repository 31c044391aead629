import { once } from 'node:events'
import { connect } from 'node:net'

/** A connection that shows the very bytes of the answers, as latin1. */
export interface RawRedis extends Disposable {
  /** Sends commands in one write. @returns the bytes of all their answers */
  ask(...commands: readonly (readonly string[])[]): Promise<string>
  /** Sends bytes as they are. @returns everything received until the server closes, or until so many bytes are there */
  send(bytes: string, until?: number): Promise<string>
}

/** @param port of loopback. @throws the error of the connect */
export async function rawRedis(port: number): Promise<RawRedis> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1').setNoDelay(true)
  let received = ''
  let isClosed = false
  socket.on('data', (text: string) => (received += text)).on('error', () => {})
  socket.once('close', () => (isClosed = true))
  await once(socket, 'connect')

  async function until(isDone: () => boolean): Promise<string> {
    while (!isDone() && !isClosed) {
      const waiting = new AbortController()
      const { signal } = waiting
      // Whatever comes first; an abort of the other is no failure.
      await Promise.race([once(socket, 'data', { signal }), once(socket, 'close', { signal })]).finally(() => waiting.abort())
    }
    const all = received
    received = ''
    return all
  }
  return {
    ask(...commands) {
      socket.write(commands.map(encode).join(''), 'latin1')
      return until(() => countReplies(received) >= commands.length)
    },
    send(bytes, size = Infinity) {
      socket.write(bytes, 'latin1')
      return until(() => received.length >= size)
    },
    [Symbol.dispose]: () => void socket.destroy(),
  }
}

/** A request of RESP. */
export function encode(command: readonly string[]): string {
  return `*${command.length}\r\n${command.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`
}

function countReplies(text: string): number {
  let count = 0
  for (let end = replyEnd(text, 0); end !== undefined; end = replyEnd(text, end)) count++
  return count
}

/** @returns where the reply that begins at an index ends, or undefined where it is not whole */
function replyEnd(text: string, at: number): number | undefined {
  const lineEnd = text.indexOf('\r\n', at)
  if (lineEnd === -1) return undefined
  const [sign, size] = [text.charAt(at), Number(text.slice(at + 1, lineEnd))]
  if (size < 0 || !'$=*~%>'.includes(sign)) return lineEnd + 2
  if (sign === '$' || sign === '=') return lineEnd + 4 + size > text.length ? undefined : lineEnd + 4 + size
  let end: number | undefined = lineEnd + 2
  for (let item = 0; item < (sign === '%' ? 2 * size : size) && end !== undefined; item++) end = replyEnd(text, end)
  return end
}
