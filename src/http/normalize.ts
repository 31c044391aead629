/**
 * Values of request fields in a normal form, so that two that mean the same select the same response (RFC 9111 §4.1). Normal forms
 * begin with a space, which no field's value does: what is not understood is compared as it came, and equals none of them.
 */
const NORMAL = ' '
/** A normal form that stands for what the server chose. */
const CHOSEN = ' ='

/** Fields by which a client lists what it would have; what a member looks like, and the response's field that names what was chosen. */
const NEGOTIATED: ReadonlyMap<string, readonly [member: RegExp, answeredBy: string]> = new Map([
  // RFC 4647 §2.1
  ['accept-language', [/^(?:\*|[a-z]{1,8}(?:-[a-z\d]{1,8})*)$/, 'content-language']],
  ['accept-encoding', [/^[\w!#$%&'*+.^`|~-]+$/, 'content-encoding']],
])

/** A member with its weight (RFC 9110 §12.4.2). */
const WEIGHTED = /^[ \t]*([^ \t;]+)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[ \t]*$/

/** Each of them is looked for; where there are more, the whole value selects. */
const MAX_FAVOURITES = 4

/** Members in lower case, by weight and then by name; a value that is not understood as it is. @param name in lower case */
export function normalizedValue(name: string, value: string | null): string | null {
  const [member] = NEGOTIATED.get(name) ?? []
  if (member === undefined || value === null) return value
  const weights = new Map<string, number>()
  for (const one of value.split(',')) {
    const [, text = '', weight = '1'] = WEIGHTED.exec(one) ?? []
    const known = text.toLowerCase()
    if (!member.test(known) || weights.has(known)) return value
    weights.set(known, Number(weight))
  }
  const sorted = [...weights].sort(([one, first], [other, second]) => second - first || (one < other ? -1 : 1))
  return NORMAL + sorted.map(([one, weight]) => (weight === 1 ? one : `${one};q=${weight}`)).join()
}

/** The choice that the response names, in the place of a normal form that likes nothing better; else the value as it is. */
export function chosenValue(name: string, value: string | null, response: Headers): string | null {
  const [, answeredBy] = NEGOTIATED.get(name) ?? []
  const chosen = answeredBy === undefined ? null : response.get(answeredBy)
  return chosen !== null && favouritesOf(value).includes(chosen.toLowerCase()) ? CHOSEN + chosen.toLowerCase() : value
}

/** What answers a request with this value: what was stored for the same, and what is one of its favourites. */
export function choicesOf(value: string | null): readonly (string | null)[] {
  return [value, ...favouritesOf(value).map((one) => CHOSEN + one)]
}

/** What a normal form likes best; none where that is nothing by name. */
function favouritesOf(value: string | null): readonly string[] {
  if (value?.startsWith(NORMAL) !== true) return []
  const members = value
    .slice(NORMAL.length)
    .split(',')
    .map((one) => one.split(';q='))
  const [[, most] = []] = members
  const best = members.flatMap(([one = '', weight]) => (weight === most && weight !== '0' && one !== '*' ? [one] : []))
  return best.length > MAX_FAVOURITES ? [] : best
}
