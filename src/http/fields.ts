import { qualifiedFields } from './cache-control.ts'
import { parseNames } from './list.ts'
import type { Field } from './stored.ts'
import type { ResponsePolicy } from './targeted.ts'

/** About the connection or this cache's own, never about the response (RFC 9110 §7.6.1, RFC 9111 §3.1). */
const NEVER_STORED = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'age',
  'cache-status',
])

/** The fields that may be stored; `Date` is added where it is missing (RFC 9110 §6.6.1). */
export function storableFields(headers: Headers, policy: ResponsePolicy, responseAt: number): readonly Field[] {
  const excluded = new Set([
    ...(parseNames(headers.get('connection')) ?? []),
    ...(qualifiedFields(policy, 'private') ?? []),
    ...(qualifiedFields(policy, 'no-cache') ?? []),
  ])
  const fields = [...headers].filter(([name]) => !NEVER_STORED.has(name) && !excluded.has(name))
  return headers.has('date') ? fields : [...fields, ['date', new Date(responseAt).toUTCString()]]
}

/** The bytes that the fields take, about. */
export function fieldBytes(fields: readonly Field[]): number {
  return fields.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0)
}
