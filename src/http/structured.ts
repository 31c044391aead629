/** Structured fields (RFC 9651), as far as RFC 9213 and RFC 9875 need them. */
export type BareItem = { readonly type: 'integer' | 'string' | 'other'; readonly text: string }

const KEY = /[a-z*][a-z0-9_\-.*]*/y
const BARE =
  /(?<integer>-?\d{1,15}(?![\d.]))|-?\d{1,12}\.\d{1,3}|"(?<string>(?:[ !#-[\]-~]|\\["\\])*)"|(?<token>[A-Za-z*][\w!#$%&'*+.^`|~:/-]*)|:[A-Za-z0-9+/=]*:|\?[01]/y
const COMMA = /[ \t]*,[ \t]*(?=[^ \t])/y

/** A position in a text that moves over what matches. */
function createScanner(text: string): (pattern: RegExp) => RegExpExecArray | undefined {
  let at = 0
  return (pattern) => {
    pattern.lastIndex = at
    const match = pattern.exec(text) ?? undefined
    if (match !== undefined) at = pattern.lastIndex
    return match
  }
}
type Scan = ReturnType<typeof createScanner>

/** @returns undefined where the text is no dictionary; the last value of a key counts, inner lists are `other` */
export function parseDictionary(text: string): ReadonlyMap<string, BareItem> | undefined {
  const scan = createScanner(text)
  const found = new Map<string, BareItem>()
  const isWhole = parseMembers(scan, () => {
    const key = scan(KEY)?.[0]
    const value = key !== undefined && (scan(/=/y) ? parseMember(scan) : parameters(scan, { type: 'other', text: '' }))
    if (key !== undefined && value) found.set(key, value)
    return Boolean(value)
  })
  return isWhole ? found : undefined
}

/** @returns the strings of a list; undefined where the text is no list or holds anything else (RFC 9875 §2) */
export function parseStrings(text: string): readonly string[] | undefined {
  const scan = createScanner(text)
  const found: string[] = []
  const isWhole = parseMembers(scan, () => {
    const item = parseMember(scan)
    return item?.type === 'string' && found.push(item.text) > 0
  })
  return isWhole ? found : undefined
}

function parseMembers(scan: Scan, parseOne: () => boolean): boolean {
  scan(/ */y)
  if (scan(/$/y)) return true
  do if (!parseOne()) return false
  while (scan(COMMA))
  return scan(/[ \t]*$/y) !== undefined
}

function parseMember(scan: Scan): BareItem | undefined {
  if (!scan(/\( */y)) return parseItem(scan)
  while (!scan(/\)/y)) if (!parseItem(scan) || !scan(/ +|(?=\))/y)) return undefined
  return parameters(scan, { type: 'other', text: '' })
}

function parseItem(scan: Scan): BareItem | undefined {
  const item = bareItem(scan)
  return item && parameters(scan, item)
}

function bareItem(scan: Scan): BareItem | undefined {
  const match = scan(BARE)
  if (match === undefined) return undefined
  const { integer, string } = match.groups ?? {}
  if (integer !== undefined) return { type: 'integer', text: integer }
  if (string !== undefined) return { type: 'string', text: string.replaceAll(/\\(.)/g, '$1') }
  return { type: 'other', text: '' }
}

/** Parameters are read over: no field here gives them a meaning. */
function parameters(scan: Scan, item: BareItem): BareItem | undefined {
  while (scan(/; */y)) if (!scan(KEY) || (scan(/=/y) && !bareItem(scan))) return undefined
  return item
}
