import type { Bytes } from './reply.ts'

const ESCAPES: Readonly<Record<string, Bytes>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\u0007' }
const SPACE = /[\0\t-\r ]/

/**
 * Splits a command that a person typed (`SET key "a\tvalue"`), by the rules of redis-cli: double quotes know escapes, single ones only
 * the quote itself.
 *
 * @returns its words, or undefined where the quotes do not close
 */
export function splitInline(line: Bytes): readonly Bytes[] | undefined {
  const words: Bytes[] = []
  let at = 0
  while (true) {
    while (at < line.length && SPACE.test(line.charAt(at))) at++
    if (at === line.length) return words
    const word = readWord(line, at)
    if (word === undefined) return undefined
    words.push(word.text)
    at = word.end
  }
}

interface Word {
  readonly text: Bytes
  /** Where it ends in the line. */
  readonly end: number
}

function readWord(line: Bytes, from: number): Word | undefined {
  let text = ''
  for (let at = from; ; at++) {
    const char = line.charAt(at)
    if (char === '' || SPACE.test(char)) return { text, end: at }
    if (char !== '"' && char !== "'") {
      text += char
      continue
    }
    const quoted = readQuoted(line, at + 1, char)
    // A closing quote must be followed by a space, or by nothing.
    if (quoted === undefined || (quoted.end < line.length && !SPACE.test(line.charAt(quoted.end)))) return undefined
    return { text: text + quoted.text, end: quoted.end }
  }
}

/** @param from the first character behind the opening quote */
function readQuoted(line: Bytes, from: number, quote: string): Word | undefined {
  let text = ''
  for (let at = from; at < line.length; at++) {
    const char = line.charAt(at)
    if (char === quote) return { text, end: at + 1 }
    const next = line.charAt(at + 1)
    if (char !== '\\' || next === '' || (quote === "'" && next !== "'")) {
      text += char
      continue
    }
    const hex = /^x[\da-f]{2}/i.exec(line.slice(at + 1, at + 4))
    text += quote === '"' && hex !== null ? String.fromCharCode(Number.parseInt(line.slice(at + 2, at + 4), 16)) : (ESCAPES[next] ?? next)
    at += quote === '"' && hex !== null ? 3 : 1
  }
  return undefined
}
