import { type Bytes, NO_ARRAY, RedisError, type Reply } from './reply.ts'

/** The version of the protocol that a connection speaks. */
export type Protocol = 2 | 3

/**
 * Writes a reply in RESP.
 *
 * @param reply what a command answered
 * @param protocol 2, or 3 after `HELLO 3`
 * @returns one character a byte: to be written as latin1
 */
export function encodeReply(reply: Reply, protocol: Protocol): Bytes {
  if (typeof reply === 'string') return `$${reply.length}\r\n${reply}\r\n`
  if (typeof reply === 'number' || typeof reply === 'bigint') return `:${reply}\r\n`
  if (reply === null) return protocol === 3 ? '_\r\n' : '$-1\r\n'
  if (reply === NO_ARRAY) return protocol === 3 ? '_\r\n' : '*-1\r\n'
  if (reply instanceof RedisError) return `-${oneLine(reply.message)}\r\n`
  if (reply instanceof Set) return list(protocol === 3 ? '~' : '*', reply.size, [...reply], protocol)
  if (reply instanceof Map) return list(protocol === 3 ? '%' : '*', protocol === 3 ? reply.size : 2 * reply.size, [...reply].flat(), protocol)
  if ('status' in reply) return `+${reply.status}\r\n`
  return list('*', (reply as readonly Reply[]).length, reply as readonly Reply[], protocol)
}

function list(sign: string, size: number, items: readonly Reply[], protocol: Protocol): Bytes {
  let text = `${sign}${size}\r\n`
  for (const item of items) text += encodeReply(item, protocol)
  return text
}

/** A line end within the message would begin another reply. */
function oneLine(message: string): string {
  return message.replaceAll(/[\r\n]/g, ' ')
}
