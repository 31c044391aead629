import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OWN_IMPORT, reachedFrom } from './files.mjs'

/**
 * Ships the declarations that the entries lead to, once for who imports and once for who requires. The compiler writes one for every
 * source file, and names them as the source does, which older compilers do not find.
 */
export async function shipDeclarations(dist, entries) {
  const reached = await reachedFrom(dist, entries, '.d.ts')
  await Promise.all(
    reached.map(async (path) => {
      const text = withLibrary(await readFile(path, 'utf8'))
      await writeFile(path, text.replaceAll(OWN_IMPORT, '$1$2.js'))
      await writeFile(path.replace(/\.d\.ts$/, '.d.cts'), text.replaceAll(OWN_IMPORT, '$1$2.cjs'))
    }),
  )
  const all = await readdir(dist, { recursive: true })
  const stray = all.map((path) => join(dist, path)).filter((path) => path.endsWith('.d.ts') && !reached.includes(path))
  await Promise.all(stray.map((path) => rm(path)))
}

/** `await using` is younger than most people's `lib`; without this an `AsyncDisposable` is an unknown name there. */
function withLibrary(text) {
  return /\bAsyncDisposable\b|Symbol\.(asyncDispose|dispose)\b/.test(text) ? `/// <reference lib="esnext.disposable" />\n${text}` : text
}
