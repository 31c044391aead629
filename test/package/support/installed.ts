import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { closureOf } from './closure.ts'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What `npm pack` says of the package. */
export interface Packed {
  /** The path of the tarball. */
  readonly tarball: string
  /** Bytes. */
  readonly size: number
  /** Bytes on the disk of who installs it. */
  readonly unpackedSize: number
  readonly files: readonly string[]
}

let packing: Promise<Packed> | undefined

/** Packs what is built, once for this process, and no more: the scripts of npm would build it anew under the feet of other tests. */
export function pack(): Promise<Packed> {
  return (packing ??= packNow())
}

async function packNow(): Promise<Packed> {
  const directory = temporaryFolder('packed')
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', directory], { cwd: ROOT })
  const [packed] = JSON.parse(stdout) as { filename: string; size: number; unpackedSize: number; files: { path: string }[] }[]
  if (packed === undefined) throw new Error('npm pack said nothing')
  const { filename, size, unpackedSize } = packed
  return { tarball: join(directory, filename), size, unpackedSize, files: packed.files.map(({ path }) => path) }
}

/** A project of somebody who installed the package. */
export interface InstalledProject extends AsyncDisposable {
  readonly folder: string
  /** Runs a module in it. */
  run(code: string, flags?: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }>
  /** Type-checks modules in it, strictly and declarations included. @returns what the compiler says; empty where all is well */
  check(files: Readonly<Record<string, string>>, options: Readonly<Record<string, unknown>>): Promise<string>
}

/**
 * An empty project with the packed package, its dependencies and the given peers, each as the lock of this repository has it; nothing
 * else can be found from there. No network is asked.
 *
 * @param peers further packages
 * @param from the project whose lock and packages the peers are taken from
 */
export async function installedProject(peers: readonly string[] = [], from: string = ROOT): Promise<InstalledProject> {
  const folder = await mkdtemp(join(tmpdir(), 'fastmiss-installed-'))
  const { tarball } = await pack()
  const home = join(folder, 'node_modules/fastmiss')
  await mkdir(home, { recursive: true })
  await run('tar', ['-xzf', tarball, '-C', home, '--strip-components=1'])
  const { dependencies = {} } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { dependencies?: Record<string, string> }
  await install(await closureOf(Object.keys(dependencies), ROOT), ROOT, folder)
  await install(await closureOf(peers, from), from, folder)
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }')

  async function check(files: Readonly<Record<string, string>>, options: Readonly<Record<string, unknown>>): Promise<string> {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    const compilerOptions = { strict: true, noEmit: true, skipLibCheck: false, exactOptionalPropertyTypes: true, target: 'es2024', ...options }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(files) }))
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
    return run(process.execPath, [compiler, '-p', folder, '--pretty', 'false']).then(
      () => '',
      (failure: { stdout: string }) => failure.stdout,
    )
  }

  return {
    folder,
    run: (code, flags = []) => run(process.execPath, [...flags, '--input-type=module', '--eval', code], { cwd: folder, timeout: 20_000 }),
    check,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

async function install(paths: readonly string[], from: string, folder: string): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    // Without what is nested: it is in the closure where it is needed.
    const isOwn = (source: string): boolean => !source.slice(join(from, path).length).includes('/node_modules')
    await cp(join(from, path), join(folder, path), { recursive: true, filter: isOwn })
  }
}
