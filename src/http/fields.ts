import { qualifiedFields } from './cache-control.ts'
import { parseList } from './list.ts'
import type { Field } from './stored.ts'
import type { ResponsePolicy } from './targeted.ts'

/** About the connection or this cache's own, never about the response (RFC 9110 §7.6.1, RFC 9111 §3.1). */
const NEVER_STORED = new Set(['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'age', 'cache-status'])

/** The fields that may be stored; `Date` is added where it is missing (RFC 9110 §6.6.1). */
export function storableFields(headers: Headers, policy: ResponsePolicy, responseAt: number): readonly Field[] {
  const excluded = new Set([
    ...parseList(headers.get('connection')).members.map((name) => name.toLowerCase()),
    ...(qualifiedFields(policy, 'private') ?? []),
    ...(qualifiedFields(policy, 'no-cache') ?? []),
  ])
  const fields = [...headers].filter(([name]) => !isNeverStored(name) && !excluded.has(name))
  return headers.has('date') ? fields : [...fields, ['date', new Date(responseAt).toUTCString()]]
}

/** Whether it is about the connection, or goes between two proxies only. @param name in lower case */
export function isNeverStored(name: string): boolean {
  return NEVER_STORED.has(name) || name.startsWith('proxy-')
}

/** The bytes that fields take, about; an absent value takes none. */
export function fieldBytes(fields: readonly (readonly [name: string, value: string | null])[]): number {
  return fields.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0) + 4, 0)
}
