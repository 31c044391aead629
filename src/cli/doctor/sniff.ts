import { connect } from 'node:net'
import { connect as secure } from 'node:tls'
import type { Place } from './target.ts'

/** What speaks at a port, by its answer to a PING without any credentials. */
export type Speaker = 'redis' | 'http' | 'tls' | 'full' | 'silent' | 'closed' | 'other'

/** ms: a server that has just answered, or not, need not be waited for long. */
const WAIT = 200

/** ms: whoever is full says so at once and hangs up; a word of ours into that would lose it. */
const LISTEN_FIRST = 20

/** Asks, over connections of its own: in the clear, and where it hangs up, by TLS. Never rejects. */
export async function whatAnswers(place: Place): Promise<Speaker> {
  const speaker = await askInTheClear(place)
  return speaker === 'closed' && (await speaksTls(place)) ? 'tls' : speaker
}

function askInTheClear({ host, port }: Place): Promise<Speaker> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const speaking = setTimeout(() => socket.write('PING\r\n'), LISTEN_FIRST)
    const tell = (speaker: Speaker): void => {
      clearTimeout(speaking)
      socket.destroy()
      resolve(speaker)
    }
    socket.setTimeout(WAIT, () => tell('silent'))
    socket.once('data', (bytes) => tell(speakerOf(bytes)))
    socket.once('error', () => tell('closed'))
    socket.once('close', () => tell('closed'))
  })
}

/** Nothing but the handshake: whoever it is need not be trusted. */
function speaksTls({ host, port }: Place): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = secure({ host, port, rejectUnauthorized: false }, () => tell(true))
    const tell = (isTls: boolean): void => {
      socket.destroy()
      resolve(isTls)
    }
    socket.setTimeout(WAIT, () => tell(false))
    socket.once('error', () => tell(false))
    socket.once('close', () => tell(false))
  })
}

function speakerOf(bytes: Buffer): Speaker {
  // RFC 8446 section 5.1: a TLS record begins with its type, alert or handshake, and major version 3.
  if ((bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 0x03) return 'tls'
  const text = bytes.toString('latin1')
  if (text.startsWith('HTTP/')) return 'http'
  if (text.startsWith('-ERR max number of clients')) return 'full'
  return /^(\+PONG\r\n|-[A-Z]+ )/.test(text) ? 'redis' : 'other'
}
