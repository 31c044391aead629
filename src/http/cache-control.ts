import { parseList, parseNames } from './list.ts'

/** Cache directives, their names in lower case. */
export interface Directives {
  /** Argument by name: empty without one, {@link INVALID} where it is malformed or contradicted. */
  readonly values: ReadonlyMap<string, string>
  /** Malformed or misspelt around `private` or `no-store`: whoever wrote it may have meant just that. */
  readonly isDoubtful: boolean
}

/** An argument that is no argument; no field value can hold it. */
export const INVALID = '\0'

/** RFC 9111 §1.2.2: larger numbers of seconds count as this one. */
const MAX_SECONDS = 2 ** 31

const DIRECTIVE = /^([\w!#$%&'*+.^`|~-]+)(?:=(?:([\w!#$%&'*+.^`|~-]+)|"((?:[^"\\]|\\.)*)"))?$/s
const SPELLINGS = /private|no.?stor/i

/** Parses `Cache-Control` of a request or a response (RFC 9111 §5.2); quoted and plain arguments count alike. */
export function parseCacheControl(text: string | null): Directives {
  const values = new Map<string, string>()
  const { members, isBroken } = parseList(text)
  let isMalformed = isBroken
  for (const member of members) {
    const [match, name, token, quoted] = DIRECTIVE.exec(member) ?? []
    if (match === undefined) isMalformed = true
    const value = match === undefined ? INVALID : (token ?? quoted?.replaceAll(/\\(.)/gs, '$1') ?? '')
    add(values, (name ?? /^[^\s=;"]*/.exec(member)?.[0] ?? '').toLowerCase(), value)
  }
  return { values, isDoubtful: (isMalformed && SPELLINGS.test(text ?? '')) || isMisspelt(values) }
}

/** Directives that contradict each other are void, not the last or the first of them. */
function add(values: Map<string, string>, name: string, value: string): void {
  values.set(name, values.has(name) && values.get(name) !== value ? INVALID : value)
}

/** `no_store`, `nostore`, `x-private`: not the directive, but hardly something else. */
export function isMisspelt(values: ReadonlyMap<string, string>): boolean {
  for (const name of values.keys()) if (name !== 'private' && name !== 'no-store' && SPELLINGS.test(name)) return true
  return false
}

/** Whether a text that could not be parsed speaks of `private` or `no-store`. */
export function mentionsPrivacy(text: string): boolean {
  return SPELLINGS.test(text)
}

/** A number of seconds as ms; undefined where the directive is absent, 0 where its value is invalid (RFC 9111 §4.2.1). */
export function milliseconds({ values }: Directives, name: string): number | undefined {
  const value = values.get(name)
  return value === undefined ? undefined : (parseSeconds(value) ?? 0) * 1000
}

/** `delta-seconds`, clamped (RFC 9111 §1.2.2). */
export function parseSeconds(text: string): number | undefined {
  return /^\d+$/.test(text) ? Math.min(Number(text), MAX_SECONDS) : undefined
}

/**
 * The fields that a qualified `private` or `no-cache` speaks of.
 *
 * @returns undefined where the directive is absent; an empty list where it speaks of the whole response
 */
export function qualifiedFields({ values }: Directives, name: 'private' | 'no-cache'): readonly string[] | undefined {
  const value = values.get(name)
  if (value === undefined) return undefined
  const names = parseNames(value) ?? []
  // A token may hold an apostrophe, which no field name does: `private='x'` was meant as a quoted string, and is none.
  return names.every((one) => /^[\w-]+$/.test(one)) ? names : []
}
