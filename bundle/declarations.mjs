import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** What a declaration imports from its own package: `from './cache.ts'`, `import("./cache.ts")`. */
const OWN_IMPORT = /((?:from|import\()\s*["'])(\.{1,2}\/[^"']+)\.ts(?=["'])/g

/**
 * Ships the declarations that the entries lead to: the compiler writes one for every source file, and names them as the source does,
 * which older compilers do not find.
 */
export async function shipDeclarations(dist, entries) {
  const reached = new Set()
  const waiting = entries.map((entry) => join(dist, `${entry}.d.ts`))
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue
    reached.add(path)
    const text = await readFile(path, 'utf8')
    for (const [, , specifier] of text.matchAll(OWN_IMPORT)) waiting.push(resolve(path, '..', `${specifier}.d.ts`))
    await writeFile(path, text.replaceAll(OWN_IMPORT, '$1$2.js'))
  }
  const all = await readdir(dist, { recursive: true })
  const stray = all.map((path) => join(dist, path)).filter((path) => path.endsWith('.d.ts') && !reached.has(path))
  await Promise.all(stray.map((path) => rm(path)))
}
