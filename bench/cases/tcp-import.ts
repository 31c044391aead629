import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { runChild } from '../lib/child.ts'
import { type Measure, type Ratio, ratios } from '../lib/pairs.ts'
import type { CaseResult } from '../lib/report.ts'

const CHILD = new URL('../lib/import-child.ts', import.meta.url)
/** Inside the bench, so that packages are found by their names. */
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const EMPTY = 'data:text/javascript,'

/** Ours with the driver loaded, which a request would otherwise wait for; the peer's is its client, and nothing made of it. */
const OURS = `import { createCache } from 'fastmiss'
export const cache = createCache({ url: 'redis://127.0.0.1:6379' })
await cache.preload()
export const handler = () => cache.get('key')
`
const PEER = `export { createClient } from '@redis/client'
`
/** Without it a bundle of the peer ends with "Dynamic require of …". */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`

/** What the import of a handler costs that talks to Redis over TCP, in a fresh process each, as one file and from node_modules. */
export async function tcpImport(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  const directory = await mkdtemp(join(ROOT, '.tcp-import-'))
  try {
    const [ours, peer] = [await written(directory, 'ours.mjs', OURS), await written(directory, 'peer.mjs', PEER)]
    const [oursBundled, peerBundled] = [await bundled(ours), await bundled(peer, REQUIRE)]
    const asOneFile = await pair('one file', oursBundled, peerBundled, rounds, (done) => onRound(done / 2))
    const installed = await pair('node_modules', ours, peer, rounds, (done) => onRound((rounds + done) / 2))
    const last = (rows: readonly Ratio[]): number => rows.at(-1)?.ratio ?? Number.NaN
    return {
      title: 'The import of a handler over TCP, in a fresh process',
      unit: 'above an empty module; @redis/client alone = 1 (quartiles; ms)',
      rows: [...asOneFile, ...installed],
      limits: [
        { name: 'bundled in one file, against @redis/client', measured: last(asOneFile), atMost: 0.4 },
        { name: 'from node_modules, against @redis/client', measured: last(installed), atMost: 0.25 },
      ],
    }
  } finally {
    await rm(directory, { recursive: true })
  }
}

function pair(how: string, ours: string, peer: string, rounds: number, onRound: (done: number) => void): Promise<Ratio[]> {
  const baseline = `@redis/client, ${how}`
  return ratios({ [baseline]: aboveEmpty(peer), [`fastmiss, ${how}`]: aboveEmpty(ours) }, baseline, rounds, onRound)
}

function aboveEmpty(file: string): Measure {
  return async () => (await timeOf(file)) - (await timeOf(EMPTY))
}

async function timeOf(specifier: string): Promise<number> {
  return (await runChild(CHILD, [], [specifier])) as number
}

async function written(directory: string, name: string, text: string): Promise<string> {
  const file = join(directory, name)
  await writeFile(file, text)
  return file
}

/** @returns the bundle's file */
async function bundled(file: string, banner = ''): Promise<string> {
  const outfile = file.replace(/\.mjs$/, '.bundled.mjs')
  await build({ entryPoints: [file], outfile, bundle: true, minify: true, platform: 'node', format: 'esm', target: 'node22', banner: { js: banner } })
  return outfile
}
