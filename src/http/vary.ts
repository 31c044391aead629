import { parseNames } from './list.ts'
import { choicesOf, chosenValue, normalizedValue } from './normalize.ts'
import type { StoredResponse } from './stored.ts'

/** A cookie's value selects like a field of this name; no field name holds a colon. */
const COOKIE = 'cookie:'

/** The name under which a declared cookie selects. */
export function cookieSelector(name: string): string {
  return COOKIE + name
}

/** Whether it names a field in lower case, or a cookie: `Headers` throws at anything else. */
export function isSelector(name: string): boolean {
  return name.startsWith(COOKIE) || /^[\da-z!#$%&'*+.^_`|~-]+$/.test(name)
}

/**
 * What selects between responses of one URL, sorted.
 *
 * @param declared names that always select, in lower case
 */
export function selectorsOf(headers: Headers, declared: readonly string[]): readonly string[] {
  const names = new Set([...declared, ...(parseNames(headers.get('vary')) ?? [])])
  // Who forgets Vary beside a content coding would send gzip to those who cannot read it.
  if (headers.has('content-encoding')) names.add('accept-encoding')
  return [...names].sort()
}

/** The request's values of the selectors, null for what is absent. @param isNormalized where two values mean the same, they are one */
export function selectingValues(headers: Headers, selectors: readonly string[], isNormalized = false): StoredResponse['vary'] {
  return selectors.map((name) => {
    if (name.startsWith(COOKIE)) return [name, cookieValue(headers, name.slice(COOKIE.length))]
    const value = headers.get(name)
    return [name, isNormalized ? normalizedValue(name, value) : value]
  })
}

/** Where the response names what was chosen of a value, that choice stands in its place. */
export function withChoices(vary: StoredResponse['vary'], response: Headers): StoredResponse['vary'] {
  return vary.map(([name, value]) => [name, chosenValue(name, value, response)])
}

/** All values of one cookie as received, so that no two ways to pick one of them can differ. */
function cookieValue(headers: Headers, name: string): string | null {
  const pairs = parseCookies(headers).filter((pair) => pair[0] === name)
  return pairs.length === 0 ? null : JSON.stringify(pairs.map(([, value]) => value))
}

/** The pairs of `Cookie`, undecoded. */
export function parseCookies(headers: Headers): readonly (readonly [name: string, value: string])[] {
  const text = headers.get('cookie')
  if (text === null) return []
  return text.split(';').map((pair) => {
    const at = pair.indexOf('=')
    return at < 0 ? [trim(pair), ''] : [trim(pair.slice(0, at)), trim(pair.slice(at + 1))]
  })
}

/** Space and tab, as the parsers of applications do (RFC 6265 §5.2). */
function trim(text: string): string {
  return text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '')
}

/** The text whose hash is a variant's key. */
export function variantText(key: string, values: StoredResponse['vary']): string {
  return JSON.stringify([key, values])
}

/** Whether a stored response was selected by the same values, or by a choice that is this request's too. */
export function matchesVary({ vary }: Pick<StoredResponse, 'vary'>, headers: Headers, isNormalized = false): boolean {
  const names = vary.map(([name]) => name)
  const values = selectingValues(headers, names, isNormalized)
  return vary.every(([, value], index) => choicesOf(values[index]?.[1] ?? null).includes(value))
}

/** What may be stored for the values: they themselves, and with a choice of the server in their place. */
export function alternativesOf(vary: StoredResponse['vary']): readonly StoredResponse['vary'][] {
  return vary.reduce<readonly StoredResponse['vary'][]>(
    (all, [name, value]) => choicesOf(value).flatMap((choice) => all.map((one) => [...one, [name, choice] as const])),
    [[]],
  )
}
