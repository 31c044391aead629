import { isSelector } from './vary.ts'

/**
 * The variants of one resource. They are a text that grows by a line for each: two that are added at once are both there, since
 * Redis appends one after the other, where of two that write a list anew one is lost.
 */
export interface Variants {
  /** What selected each, by the key under which it lies; the oldest first. */
  readonly parts: ReadonlyMap<string, readonly string[]>
  /** The lists of names among them, each once. */
  readonly selectors: readonly (readonly string[])[]
}

/** Raised when the format changes: what an older version wrote is then a miss. */
const VERSION = 2

/** What the text begins with. @param key the whole key, compared on read */
export function variantsHead(key: string): string {
  return JSON.stringify([VERSION, key])
}

/** What is added for one variant. @param selectors names of request fields, sorted */
export function variantLine(part: string, selectors: readonly string[]): string {
  return `\n${JSON.stringify([part, ...selectors])}`
}

/** @returns undefined where the text is not what this version writes for the key */
export function parseVariants(text: string, key: string): Variants | undefined {
  const [head, ...lines] = text.split('\n')
  if (head !== variantsHead(key)) return undefined
  const parts = new Map<string, readonly string[]>()
  const selectors = new Map<string, readonly string[]>()
  for (const line of lines) {
    const [part, ...names] = parseTexts(line) ?? []
    if (part === undefined || !/^[\da-f]{64}$/.test(part) || !names.every(isSelector)) return undefined
    // The first of two counts: its place was free.
    if (!parts.has(part)) parts.set(part, names)
    selectors.set(line.slice(line.indexOf(',')), names)
  }
  return { parts, selectors: [...selectors.values()] }
}

function parseTexts(line: string): readonly string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(line)
    return Array.isArray(parsed) && parsed.every((one) => typeof one === 'string') ? parsed : undefined
  } catch {
    return undefined
  }
}

/** What selects a response beside the others that are known: nothing that selects one of them is left out (RFC 9111 §4.1). */
export function widenSelectors(known: Variants | undefined, selectors: readonly string[]): readonly string[] {
  return [...new Set([...(known?.selectors.flat() ?? []), ...selectors])].sort()
}
