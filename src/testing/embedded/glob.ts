import type { Bytes } from './reply.ts'

/** Whether one character fits; a star is undefined. */
type Token = ((char: string) => boolean) | undefined

/**
 * Reads a pattern of Redis: `*`, `?`, `[a-c]`, `[^x]`, `\` before a character that means itself.
 *
 * @returns tells whether a key fits, in time proportional to key and pattern whatever they are
 */
export function glob(pattern: Bytes): (key: Bytes) => boolean {
  const tokens = [...tokensOf(pattern)]
  // A quirk of Redis 7.0: of all patterns made of stars alone only the shortest fits the empty key.
  return (key) => (key === '' ? pattern === '' || pattern === '*' : matches(tokens, key))
}

/** Goes back to the last star only: an earlier one need not take more. */
function matches(tokens: readonly Token[], key: Bytes): boolean {
  let [token, at] = [0, 0]
  let [afterStar, starAt] = [-1, 0]
  while (at < key.length) {
    const fits = tokens[token]
    if (token < tokens.length && fits === undefined) {
      afterStar = ++token
      starAt = at
    } else if (fits?.(key.charAt(at)) === true) {
      token++
      at++
    } else if (afterStar !== -1) {
      token = afterStar
      at = ++starAt
    } else {
      return false
    }
  }
  while (token < tokens.length && tokens[token] === undefined) token++
  return token === tokens.length
}

function* tokensOf(pattern: Bytes): Generator<Token, void, undefined> {
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at)
    if (char === '*') {
      yield undefined
    } else if (char === '?') {
      yield () => true
    } else if (char === '[') {
      const { token, end } = readClass(pattern, at + 1)
      yield token
      at = end
    } else {
      // A backslash at the end means itself.
      const literal = char === '\\' && at + 1 < pattern.length ? pattern.charAt(++at) : char
      yield (other) => other === literal
    }
  }
}

/** @param from behind the bracket. @returns the class, and where its closing bracket is; one that never closes ends with the pattern */
function readClass(pattern: Bytes, from: number): { token: Token; end: number } {
  const isNot = pattern.charAt(from) === '^'
  const ranges: [low: string, high: string][] = []
  let at = isNot ? from + 1 : from
  for (; at < pattern.length && pattern.charAt(at) !== ']'; at++) {
    let [low, high] = [pattern.charAt(at), pattern.charAt(at)]
    if (low === '\\' && at + 1 < pattern.length) {
      low = high = pattern.charAt(++at)
    } else if (pattern.charAt(at + 1) === '-' && at + 2 < pattern.length) {
      high = pattern.charAt(at + 2)
      at += 2
    }
    ranges.push(low <= high ? [low, high] : [high, low])
  }
  return { token: (char) => ranges.some(([low, high]) => low <= char && char <= high) !== isNot, end: at }
}
