import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pack } from './support/installed.ts'

test('the tarball holds what the package promises, nothing else, and stays small', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fastmiss-packed-'))
  const { files, size } = await pack(directory)
  await rm(directory, { recursive: true })
  const { exports, bin } = JSON.parse(await readFile('package.json', 'utf8')) as { exports: object; bin: Record<string, string> }
  const promised = [...targets(exports), ...Object.values(bin)].map((path) => path.slice(2))
  expect(promised.length).toBeGreaterThan(10)
  expect(promised.filter((path) => !files.includes(path))).toEqual([])
  const others = files.filter((path) => !/^dist\/.*\.(js|d\.ts)$/.test(path))
  const [docs, rest] = [others.filter((path) => path.startsWith('docs/')), others.filter((path) => !path.startsWith('docs/'))]
  expect(rest.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist/shared/node-redis.LICENSE.txt', 'package.json'])
  // The pages that the README leads to, with their drawings; the two screenshots are more than all the code together.
  const linked = [...(await readFile('README.md', 'utf8')).matchAll(/\]\((docs\/[\w.-]+)\)/g)].map(([, path]) => path)
  expect(linked.length).toBeGreaterThan(5)
  expect(linked.filter((path) => path === undefined || !docs.includes(path))).toEqual([])
  expect(docs.filter((path) => !/\.(md|svg)$/.test(path))).toEqual([])
  const modules = files.filter((path) => path.endsWith('.js') && !path.startsWith('dist/shared/'))
  expect(modules.filter((path) => !files.includes(path.replace(/\.js$/, '.d.ts')))).toEqual([])
  // 255 kB when this was written, 53 of them documentation; declarations and the tools for tests are in it, too.
  expect(size).toBeLessThan(300_000)
})

/** Every file that an `exports` map leads to. */
function targets(map: object): readonly string[] {
  return Object.values(map).flatMap((target: unknown) => (typeof target === 'string' ? [target] : targets(target as object)))
}
