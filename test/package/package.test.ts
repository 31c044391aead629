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
  expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
  const modules = files.filter((path) => path.endsWith('.js') && !path.startsWith('dist/shared/'))
  expect(modules.filter((path) => !files.includes(path.replace(/\.js$/, '.d.ts')))).toEqual([])
  // 189 kB when this was written, declarations and the tools for tests included.
  expect(size).toBeLessThan(250_000)
})

/** Every file that an `exports` map leads to. */
function targets(map: object): readonly string[] {
  return Object.values(map).flatMap((target: unknown) => (typeof target === 'string' ? [target] : targets(target as object)))
}
