import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { vendored } from './vendored.mjs'

const require = createRequire(import.meta.url)
const HOME = dirname(require.resolve('commander'))
const { version, license } = JSON.parse(await readFile(join(HOME, 'package.json'), 'utf8'))

const CHUNK = 'shared/commander.js'

/** For the package's own build: `commander` is the file that {@link buildCommander} makes. */
export const commander = {
  name: 'commander',
  setup({ onResolve }) {
    onResolve({ filter: /^commander$/ }, () => ({ path: `dist:${CHUNK}`, external: true, sideEffects: false }))
  },
}

/** @returns what of commander the command line uses, and its licence, named within `dist`. Installed it is five times as large */
export async function buildCommander() {
  const text = await vendored({
    entry: `export { Command, CommanderError, InvalidArgumentError } from './index.js'`,
    resolveDir: HOME,
    plugins: [ofNode],
    notice: `commander ${version}. ${license}: see commander.LICENSE.txt`,
  })
  return [
    { name: CHUNK, text },
    { name: 'shared/commander.LICENSE.txt', text: await readFile(join(HOME, 'LICENSE'), 'utf8') },
  ]
}

/** Static imports of Node's modules: an ES module has no `require`. The process is the global, since fields of it are set. */
const ofNode = {
  name: 'of-node',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, namespace }) => (namespace === 'of-node' ? { path, external: true } : { path, namespace: 'of-node' }))
    onLoad({ filter: /.*/, namespace: 'of-node' }, ({ path }) => ({
      contents: path === 'node:process' ? 'module.exports = globalThis.process' : `export * from '${path}'`,
    }))
  },
}
