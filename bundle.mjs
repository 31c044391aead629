import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { build } from 'esbuild'

// The second half of the build, after tsc has written the declarations: each entry becomes one small file over few shared ones. An
// import of the package then reads a handful of files instead of dozens, which on a cold start is most of its time. What is
// shared is there once, so that a CacheError is the same class whichever way in it came. Readable: nothing is minified.
const entries = [
  'index',
  'index.workerd',
  'tcp',
  'hono/index',
  'lambda/index',
  'keyv/index',
  'keyv/index.workerd',
  'testing/index',
  'cli/main',
  // The thread of a drill, which is started by its file.
  'cli/drill/application',
]

const { outputFiles } = await build({
  entryPoints: entries.map((entry) => ({ in: `src/${entry}.ts`, out: entry })),
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2023',
  packages: 'external',
  chunkNames: 'shared/[name]-[hash]',
  legalComments: 'none',
  logLevel: 'warning',
  write: false,
})
for (const { path, text } of outputFiles) {
  await mkdir(dirname(path), { recursive: true })
  // An import for its effects alone: shared files have none (`sideEffects: false`), and bundlers warn of it.
  const code = text.replaceAll(/^import "\.{1,2}\/[^"]*";\n/gm, '')
  await writeFile(path, code, { mode: path.endsWith('/cli/main.js') ? 0o755 : 0o644 })
}
