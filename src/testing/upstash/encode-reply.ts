import type { RedisReply } from './backend.ts'

/** How strings are written: as UTF-8 text, or as base64 of their bytes (`Upstash-Encoding: base64`). */
export type Encoding = 'text' | 'base64'

/** What Upstash answers one command with. */
export type Item = { readonly result: unknown } | { readonly error: string }

/** One reply as Upstash writes it. */
export function encodeReply(reply: RedisReply, encoding: Encoding): Item {
  if (reply instanceof Error) return { error: reply.message }
  return { result: encodeValue(reply, encoding) }
}

function encodeValue(value: RedisReply, encoding: Encoding): unknown {
  if (Buffer.isBuffer(value)) return encoding === 'base64' ? value.toString('base64') : value.toString()
  // Status replies: of them only OK stays as it is, as Upstash documents.
  if (typeof value === 'string') return encoding === 'base64' && value !== 'OK' ? Buffer.from(value).toString('base64') : value
  if (value instanceof Error) return value.message
  if (Array.isArray(value)) return (value as readonly RedisReply[]).map((inner) => encodeValue(inner, encoding))
  return value
}
