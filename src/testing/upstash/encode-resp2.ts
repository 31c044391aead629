import type { RedisReply } from './backend.ts'

/** One reply as Redis itself writes it, for `Upstash-Response-Format: resp2`. */
export function encodeResp2(reply: RedisReply): Buffer {
  if (reply === null) return Buffer.from('$-1\r\n')
  if (reply instanceof Error) return Buffer.from(`-${reply.message.replaceAll(/[\r\n]/g, ' ')}\r\n`)
  if (typeof reply === 'number') return Buffer.from(`:${reply}\r\n`)
  // Status replies are strings here, and bulk strings are bytes.
  if (typeof reply === 'string') return Buffer.from(`+${reply}\r\n`)
  if (Buffer.isBuffer(reply)) return Buffer.concat([Buffer.from(`$${reply.length}\r\n`), reply, Buffer.from('\r\n')])
  const items = reply
  return Buffer.concat([Buffer.from(`*${items.length}\r\n`), ...items.map(encodeResp2)])
}
