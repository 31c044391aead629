import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { build, transform } from 'esbuild'
import { buildCommander, commander } from './commander.mjs'
import { writeCommonJs } from './commonjs.mjs'
import { shipDeclarations } from './declarations.mjs'
import { reachedFrom } from './files.mjs'
import { buildNodeRedis, nodeRedis, version as nodeRedisVersion } from './node-redis.mjs'

// The second half of the build, after tsc has written the declarations: each entry becomes one small file over few shared ones. An
// import of the package then reads a handful of files instead of dozens, which on a cold start is most of its time. What is
// shared is there once, so that a CacheError is the same class whichever way in it came. Readable: nothing of ours is minified, but for
// the space in what serves at the desk alone.
const shipped = [
  'index',
  'index.workerd',
  'tcp',
  'upstash',
  'hono/index',
  'lambda/index',
  'keyv/index',
  'keyv/index.workerd',
  'unstorage/index',
  'unstorage/index.workerd',
  'next/index',
  'next/index.workerd',
  'otel/index',
  'testing/index',
]
// The thread of a drill is started by its file.
const programs = ['cli/main', 'cli/drill/application']
const entries = [...shipped, ...programs]
const DIST = resolve('dist')
/** An entry that imports the one for Node imports its file. */
const ownIndex = {
  name: 'own-index',
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\/(.*\/)?index\.ts$/ }, ({ path, resolveDir }) =>
      resolve(resolveDir, path) === resolve('src/index.ts') ? { path: 'dist:index.js', external: true, sideEffects: false } : undefined,
    )
  },
}

/** What is imported when it is first asked for, by the name of its file. */
const lazies = new Map()
/** Leaves it to a build of its own. */
const apart = {
  name: 'apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\// }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined
      const name = `shared/${basename(path, '.ts')}`
      lazies.set(name, resolve(resolveDir, path))
      return { path: `dist:${name}.js`, external: true, sideEffects: false }
    })
  },
}

// What a server imports is one file, where it would be one for each set of entries that share something: opening a file costs a cold start
// more than reading 10 kB. What is loaded later, and the other entries, have what they share with it a second time. Errors and
// caches are told by marks that hold across copies, as they must across the two forms of the package.
const outputFiles = await bundle(asEntries(['index']), [apart])
outputFiles.push(
  ...(await bundle([...lazies].map(([out, path]) => ({ in: path, out })))),
  ...(await bundle(asEntries(entries.filter((entry) => entry !== 'index')), [ownIndex])),
)

for (const { path, text } of outputFiles) await write(path, toShipped(path, text))
for (const { name, text } of [...(await buildNodeRedis()), ...(await buildCommander())]) await write(join(DIST, name), text)
await closeUp()
await writeCommonJs(DIST, shipped)
await shipDeclarations(DIST, shipped)

function asEntries(names) {
  return names.map((name) => ({ in: `src/${name}.ts`, out: name }))
}

async function bundle(entryPoints, plugins = []) {
  const { outputFiles: files } = await build({
    entryPoints,
    outdir: DIST,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    packages: 'external',
    define: { NODE_REDIS_VERSION: JSON.stringify(nodeRedisVersion) },
    chunkNames: 'shared/[name]-[hash]',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [nodeRedis, commander, ...plugins],
    write: false,
  })
  return files
}

/** @returns the text of a file as it is shipped */
function toShipped(path, text) {
  return (
    text
      // An import for its effects alone: shared files have none (`sideEffects: false`), and bundlers warn of it.
      .replaceAll(/^import "\.{1,2}\/[^"]*";\n/gm, '')
      .replaceAll(/"dist:([^"]+)"/g, (_, name) => JSON.stringify(specifier(path, join(DIST, name))))
  )
}

function specifier(from, to) {
  const path = relative(dirname(from), to).replaceAll('\\', '/')
  return path.startsWith('.') ? path : `./${path}`
}

/** Takes the space out of what serves at the desk alone, programs and what tests start: names stay, for stacks. */
async function closeUp() {
  const atDesk = [...programs, 'testing/index']
  const inProduction = new Set(
    await reachedFrom(
      DIST,
      shipped.filter((entry) => !atDesk.includes(entry)),
      '.js',
    ),
  )
  const others = (await reachedFrom(DIST, atDesk, '.js')).filter((path) => !inProduction.has(path))
  for (const path of others) {
    const { code } = await transform(await readFile(path, 'utf8'), { minifyWhitespace: true, legalComments: 'none', charset: 'utf8' })
    await writeFile(path, code)
  }
}

async function write(path, text) {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text, { mode: path.endsWith('/cli/main.js') ? 0o755 : 0o644 })
}
