import { readFile, writeFile } from 'node:fs/promises'
import { transform } from 'esbuild'
import { OWN_IMPORT, reachedFrom } from './files.mjs'

/**
 * Writes each file that the entries lead to once more as CommonJS, `.cjs` beside `.js`: for Jest, and for who compiles to `require`.
 * File by file, so that what is shared is there once in this form too; the driver of Redis as well.
 */
export async function writeCommonJs(dist, entries) {
  const files = await reachedFrom(dist, entries, '.js')
  await Promise.all(
    files.map(async (path) => {
      const text = (await readFile(path, 'utf8')).replaceAll(OWN_IMPORT, '$1$2.cjs')
      const isDriver = text.startsWith('/*! node-redis')
      const { code } = await transform(text, {
        format: 'cjs',
        platform: 'node',
        target: 'es2023',
        // Jest runs code in contexts that have no import().
        supported: { 'dynamic-import': false },
        // The readable form is the other one. A framework shows its middlewares' names.
        minify: true,
        keepNames: /\bhono\b/.test(path),
        // It says what it is, and where its licence is.
        ...(isDriver ? { banner: text.slice(0, text.indexOf('*/') + 3) } : {}),
      })
      // esbuild says to who only reads the text which names there are, but for the default one.
      const hint = /^export default |\bas default\b/m.test(text) ? 'exports.default=module.exports.default;\n' : ''
      await writeFile(path.replace(/\.js$/, '.cjs'), code + hint)
    }),
  )
}
