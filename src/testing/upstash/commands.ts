import { mayBeRead, mayReachRedis } from './allowed-commands.ts'
import type { Argument } from './backend.ts'

/** @returns the error that answers a command which must not reach Redis, or undefined */
export function refusal(command: readonly Argument[], isReadOnly: boolean): Error | undefined {
  const [first = '', second = ''] = command.slice(0, 2).map((word) => String(word).toUpperCase())
  const name = [first, `${first}|${second}`].find(mayReachRedis)
  if (name === undefined) return new Error(`ERR Command is not available: '${shown(first)}'`)
  if (waits(first, command)) return new Error(`ERR Command is not available: '${first}' with BLOCK`)
  if (isReadOnly && !mayBeRead(name)) return new Error(`NOPERM this user has no permissions to run the '${first.toLowerCase()}' command`)
  return undefined
}

/** Whatever a client took for a name stands in one line of an error: a line end in it would begin another reply. */
function shown(name: string): string {
  return name.replaceAll(/[^ -~]/g, '?').slice(0, 64)
}

/** XREAD and XREADGROUP wait where one of their options is BLOCK. Behind STREAMS there are keys, and behind GROUP are two names. */
function waits(name: string, command: readonly Argument[]): boolean {
  if (name !== 'XREAD' && name !== 'XREADGROUP') return false
  for (let at = 1; at < command.length; at++) {
    const option = String(command[at]).toUpperCase()
    if (option === 'BLOCK') return true
    if (option === 'STREAMS') return false
    if (option === 'GROUP') at += 2
    if (option === 'COUNT') at += 1
  }
  return false
}

/** A command in JSON. @returns undefined where it is none */
export function commandFromJson(json: unknown): readonly Argument[] | undefined {
  if (!Array.isArray(json) || json.length === 0) return undefined
  const parts: readonly unknown[] = json
  return parts.every(isScalar) ? parts.map(String) : undefined
}

/**
 * A command in a path: `/SET/key/value?EX=100`. The body, if any, follows the path; the query comes last, each name and value
 * an argument of its own. Percent-encoded bytes stay bytes.
 */
export function commandFromUrl({ pathname, search }: URL, body: Buffer): readonly Argument[] {
  const path = pathname.split('/').slice(1).map(percentDecode)
  const query = search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('_token='))
  const options = query.flatMap((pair) => pair.split('=').filter((part) => part !== ''))
  return [...path, ...(body.length === 0 ? [] : [body]), ...options.map((part) => percentDecode(part.replaceAll('+', ' ')))]
}

function percentDecode(text: string): Buffer {
  const latin1 = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(latin1, 'latin1')
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
