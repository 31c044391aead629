/** Members of a comma-separated field value; a comma inside a quoted string does not separate (RFC 9110 §5.6.1). */
export interface List {
  /** Trimmed, without the empty ones. */
  readonly members: readonly string[]
  /** A quoted string never ends: what follows its quote cannot be trusted. */
  readonly isBroken: boolean
}

const PIECE = /"(?:[^"\\]|\\.)*(?:"|\\?$)|,|[^",]+/gs

/** Splits a field value, linear in its length. */
export function parseList(text: string | null): List {
  const members: string[] = []
  let member = ''
  let isBroken = false
  for (const [piece] of (text ?? '').matchAll(PIECE)) {
    if (piece === ',') {
      members.push(member.trim())
      member = ''
      continue
    }
    if (piece.startsWith('"') && !/^"(?:[^"\\]|\\.)*"$/s.test(piece)) isBroken = true
    member += piece
  }
  members.push(member.trim())
  return { members: members.filter((one) => one !== ''), isBroken }
}

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/** Field names of a list in lower case; undefined where one of them is no name (RFC 9110 §5.1). */
export function parseNames(text: string | null): readonly string[] | undefined {
  const names = parseList(text).members
  return names.every((name) => TOKEN.test(name)) ? names.map((name) => name.toLowerCase()) : undefined
}
