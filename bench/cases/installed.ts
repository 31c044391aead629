import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { CaseResult } from '../lib/report.ts'

const run = promisify(execFile)
const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const MEGABYTE = 1_000_000

/** What `npm install fastmiss` puts on the disk: the package as it is packed, and what is installed with it. */
export async function installed(_rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  const directory = await mkdtemp(join(tmpdir(), 'fastmiss-installed-'))
  try {
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', directory], { cwd: PROJECT })
    const [{ filename = '' } = {}] = JSON.parse(stdout) as readonly { readonly filename?: string }[]
    await writeFile(join(directory, 'package.json'), '{}')
    const quiet = ['--prefer-offline', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', ['install', ...quiet, join(directory, filename)], { cwd: directory })
    onRound(1)
    const modules = join(directory, 'node_modules')
    const all = await bytesOf(modules)
    return {
      title: 'Installed from the tarball',
      unit: 'with its dependencies, optional peers not among them',
      rows: [
        { name: 'fastmiss alone', value: (await bytesOf(join(modules, 'fastmiss'))) / MEGABYTE, unit: 'MB' },
        { name: 'with its dependencies', value: all / MEGABYTE, unit: 'MB' },
      ],
      limits: [{ name: 'installed, MB', measured: all / MEGABYTE, atMost: 2.5 }],
    }
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function bytesOf(directory: string): Promise<number> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((file) => file.isFile())
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
