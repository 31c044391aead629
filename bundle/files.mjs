import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** What a file of `dist` imports from its own package: `from './cache.js'`, `import("./cache.js")`. */
export const OWN_IMPORT = /((?:from|import)\s*\(?\s*["'])(\.{1,2}\/[^"']+)\.[jt]s(?=["'])/g

/**
 * @param extension of the files: `.js` or `.d.ts`
 * @returns the paths of the entries and of all that they lead to
 */
export async function reachedFrom(dist, entries, extension) {
  const reached = new Set()
  const waiting = entries.map((entry) => join(dist, `${entry}${extension}`))
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue
    reached.add(path)
    const text = await readFile(path, 'utf8')
    for (const [, , specifier] of text.matchAll(OWN_IMPORT)) waiting.push(resolve(path, '..', `${specifier}${extension}`))
  }
  return [...reached]
}
