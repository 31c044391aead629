import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { build, type BuildOptions } from 'esbuild'
import type { Report } from '../everywhere/cases.ts'
import type { Places } from '../everywhere/places.ts'
import { findProgram, programIn, runToItsEnd } from './programs.ts'

/** What running the list came to. */
export interface Listed {
  readonly report: Report
  /** All that it printed beside. */
  readonly warnings: string
  /** Of a program that ends by itself: how long after its last answer it did, ms. */
  readonly exitMs?: number
  /** Of a runtime that has `require`: whether the package came by it too. */
  readonly isRequired?: boolean
}

/** A runtime that runs the list on an installed package. */
export interface PackedRuntime {
  readonly name: string
  /** Whether it is here: npm has not every release for every machine. */
  readonly isHere: boolean
  readonly wires: readonly string[]
  /**
   * @param folder of a project that the package is installed in
   * @param whenDone called where the runtime goes on after the list, before it is ended
   */
  run(folder: string, places: Places, whenDone: () => Promise<unknown>): Promise<Listed>
}

const EVERYWHERE = fileURLToPath(new URL('../everywhere/', import.meta.url))

export const packedRuntimes: readonly PackedRuntime[] = [
  program('Node 22', findProgram('node22-*/bin/node'), []),
  program('Node 24', process.version.startsWith('v24.') ? process.execPath : undefined, []),
  program('Node 26', findProgram('node26-*/bin/node'), []),
  program('Bun', programIn('@oven/bun-*/bin/bun'), ['run']),
  // `require` of Deno reads files; `import` needs no permission for that.
  program('Deno', programIn('@deno/*/deno'), ['run', '--no-prompt', '--allow-net=127.0.0.1', '--allow-read']),
  { name: 'workerd', isHere: true, wires: ['TCP', 'REST', 'memory'], run: runInWorkerd },
  { name: 'edge-light', isHere: true, wires: ['REST', 'memory'], run: runOnEdge },
]

function program(name: string, path: string | undefined, args: readonly string[]): PackedRuntime {
  return {
    name,
    isHere: path !== undefined,
    wires: ['TCP', 'REST', 'memory'],
    async run(folder, places) {
      const file = await bundled('program.ts', folder, { platform: 'node', packages: 'external' })
      const { said, stderr, exitMs } = await runToItsEnd(path ?? '', [...args, file, JSON.stringify(places)], folder)
      return { ...(said as unknown as { readonly report: Report; readonly isRequired: boolean }), warnings: stderr, exitMs }
    },
  }
}

async function runInWorkerd(folder: string, places: Places, whenDone: () => Promise<unknown>): Promise<Listed> {
  const file = await bundled('worker.ts', folder, { platform: 'node', conditions: ['workerd', 'worker', 'import'] })
  const { Miniflare } = await import('miniflare')
  let warnings = ''
  const miniflare = new Miniflare({
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    handleRuntimeStdio: (...streams: Readable[]) => streams.forEach((stream) => stream.on('data', (chunk) => (warnings += String(chunk)))),
    modules: [{ type: 'ESModule', path: 'worker.js', contents: await readFile(file, 'utf8') }],
  })
  try {
    const response = await miniflare.dispatchFetch('http://a.test/', { method: 'POST', body: JSON.stringify(places) })
    const report = (await response.json()) as Report
    await whenDone()
    return { report, warnings }
  } finally {
    await miniflare.dispose()
  }
}

async function runOnEdge(folder: string, places: Places): Promise<Listed> {
  const file = await bundled('edge.ts', folder, {
    platform: 'neutral',
    format: 'iife',
    conditions: ['edge-light', 'import'],
    mainFields: ['module', 'main'],
  })
  const { said, stderr, exitMs } = await runToItsEnd(process.execPath, [join(EVERYWHERE, 'edge-host.ts'), file, JSON.stringify(places)])
  return { report: (said as unknown as { readonly report: Report }).report, warnings: stderr, exitMs }
}

/** The list as one file in the project: put there before, since from here the package's name means this repository. @returns its path */
async function bundled(entry: string, folder: string, options: BuildOptions): Promise<string> {
  const sources = join(folder, 'everywhere')
  await cp(EVERYWHERE, sources, { recursive: true })
  const outfile = join(folder, entry.replace('.ts', '.js'))
  await build({ entryPoints: [join(sources, entry)], outfile, bundle: true, format: 'esm', target: 'es2023', logLevel: 'error', ...options })
  return outfile
}
