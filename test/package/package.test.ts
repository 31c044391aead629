import { readFile } from 'node:fs/promises'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { pack } from './support/installed.ts'

test('the tarball holds what the package promises, nothing else, and stays small', async () => {
  const { files, size, unpackedSize } = await pack()
  const { exports, bin, dependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
    exports: object
    bin: Record<string, string>
    dependencies?: object
  }
  const promised = [...targets(exports), ...Object.values(bin)].map((path) => path.slice(2))
  expect(promised.length).toBeGreaterThan(10)
  expect(promised.filter((path) => !files.includes(path))).toEqual([])
  const others = files.filter((path) => !/^dist\/.*\.(c?js|d\.c?ts)$/.test(path))
  const [docs, rest] = [others.filter((path) => path.startsWith('docs/')), others.filter((path) => !path.startsWith('docs/'))]
  expect(rest.sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist/shared/commander.LICENSE.txt',
    'dist/shared/node-redis.LICENSE.txt',
    'package.json',
  ])
  // The pages that the README leads to, with their drawings; the two screenshots are more than all the code together.
  const linked = [...(await readFile('README.md', 'utf8')).matchAll(/\]\((docs\/[\w.-]+)\)/g)].map(([, path]) => path)
  expect(linked.length).toBeGreaterThan(5)
  expect(linked.filter((path) => path === undefined || !docs.includes(path))).toEqual([])
  expect(docs.filter((path) => !/\.(md|svg)$/.test(path))).toEqual([])
  // What is imported can be required, with declarations for both; the command line is a program.
  const modules = files.filter((path) => path.endsWith('.js') && !/^dist\/(shared|cli|.*\.workerd)/.test(path))
  expect(modules.length).toBeGreaterThan(6)
  const forms = modules.flatMap((path) => ['.cjs', '.d.ts', '.d.cts'].map((form) => path.replace(/\.js$/, form)))
  expect(forms.filter((path) => !files.includes(path))).toEqual([])
  // Half of it is what is there twice, to be imported and to be required; a fifth is documentation and its drawings. Nothing is installed beside it.
  expect(size).toBeLessThan(720_000)
  expect(unpackedSize).toBeLessThan(2_500_000)
  expect(dependencies).toBeUndefined()
})

/** Every file that an `exports` map leads to. */
function targets(map: object): readonly string[] {
  return Object.values(map).flatMap((target: unknown) => (typeof target === 'string' ? [target] : targets(target as object)))
}

test('in a bundle of one file, what is needed later is loaded later: no TLS and no HTTP for who dials redis:', async () => {
  const { metafile } = await build({
    stdin: { contents: `export * from 'fastmiss'`, resolveDir: process.cwd() },
    bundle: true,
    platform: 'node',
    format: 'esm',
    metafile: true,
    write: false,
  })
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports)
  const atOnce = new Set(imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => path))
  expect([...atOnce].toSorted()).toEqual(['node:diagnostics_channel', 'node:dns', 'node:events', 'node:net'])
})
