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
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  let chunks: Buffer[] = []
  let bytes = 0
  let isClosed = false
  let wake = (): void => {}
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    bytes += chunk.length
    wake()
  })
  socket
    .on('error', () => {})
    .once('close', () => {
      isClosed = true
      wake()
    })
  await once(socket, 'connect')

  /** @param missing how many bytes are surely still to come; asked again only once they are there */
  async function until(missing: (received: () => string) => number): Promise<string> {
    const received = (): string => {
      if (chunks.length > 1) chunks = [Buffer.concat(chunks)]
      return chunks[0]?.toString('latin1') ?? ''
    }
    let wanted = 0
    while (!isClosed) {
      if (bytes >= wanted) {
        const more = missing(received)
        if (more === 0) break
        wanted = bytes + more
      }
      await new Promise<void>((resolve) => (wake = resolve))
    }
    const all = received()
    chunks = []
    bytes = 0
    return all
  }
  return {
    ask(...commands) {
      socket.write(commands.map(encode).join(''), 'latin1')
      return until((received) => missingBytes(received(), commands.length))
    },
    send(text, size = Infinity) {
      socket.write(text, 'latin1')
      return until(() => Math.max(0, size - bytes))
    },
    [Symbol.dispose]: () => void socket.destroy(),
  }
}

/** A request of RESP. */
export function encode(command: readonly string[]): string {
  return `*${command.length}\r\n${command.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`
}

/** @returns how many bytes at least are missing until so many replies are whole; 0 where they are */
function missingBytes(text: string, count: number): number {
  let end = 0
  for (let index = 0; index < count; index += 1) {
    const next = replyEnd(text, end)
    if (next === undefined) return 1
    // A long text says itself where it ends.
    if (next > text.length) return next - text.length
    end = next
  }
  return 0
}

/** @returns where the reply that begins at an index ends, which may be beyond what is there; or undefined where that is not known yet */
function replyEnd(text: string, at: number): number | undefined {
  const lineEnd = text.indexOf('\r\n', at)
  if (lineEnd === -1) return undefined
  const [sign, size] = [text.charAt(at), Number(text.slice(at + 1, lineEnd))]
  if (size < 0 || !'$=*~%>'.includes(sign)) return lineEnd + 2
  if (sign === '$' || sign === '=') return lineEnd + 4 + size
  let end: number | undefined = lineEnd + 2
  for (let item = 0; item < (sign === '%' ? 2 * size : size) && end !== undefined && end <= text.length; item++) end = replyEnd(text, end)
  return end
}
