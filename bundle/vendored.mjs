import { build } from 'esbuild'

/**
 * One minified ES module of what the package brings along, so that nothing is installed with it: reading it is most of its import.
 *
 * @param entry what is exported of it, as code
 * @param resolveDir where that code looks for its modules
 * @param plugins how Node's modules come in
 * @param notice the first line: what it is, and where its licence stands
 */
export async function vendored({ entry, resolveDir, plugins, notice }) {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    external: ['node:*'],
    target: 'es2023',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins,
    banner: { js: `/*! ${notice} */` },
    write: false,
  })
  return outputFiles[0].text
}
