import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pack } from './installed.ts'

const run = promisify(execFile)
const CONSUMERS = fileURLToPath(new URL('../../consumers', import.meta.url))

/** The compilers, by the folder that they are installed in. */
export type Compiler = 'typescript54' | 'typescript'

/** What a program said, and how it ended. */
export interface Outcome {
  readonly output: string
  readonly exitCode: number
}

/** A project beside those packages that people use fastmiss with. */
export interface Consumer extends AsyncDisposable {
  /** Writes files, and runs a program of an installed package in their folder. */
  run(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>
  write(files: Readonly<Record<string, string | object>>): Promise<void>
  /** Compiles what `tsconfig.json` of these options takes in. */
  compile(compiler: Compiler, options: Readonly<Record<string, unknown>>): Promise<Outcome>
}

/** @param type that of its package.json */
export async function consumer(type: 'module' | 'commonjs'): Promise<Consumer> {
  const folder = await mkdtemp(join(CONSUMERS, '.example-'))
  const home = join(folder, 'node_modules/fastmiss')
  await mkdir(home, { recursive: true })
  const { tarball } = await pack()
  await run('tar', ['-xzf', tarball, '-C', home, '--strip-components=1'])

  async function write(files: Readonly<Record<string, string | object>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
    }
  }

  function start(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    const script = program.startsWith('./') ? program : join(CONSUMERS, 'node_modules', program)
    return run(process.execPath, [script, ...args], { cwd: folder, env: { ...process.env, ...env } }).then(
      ({ stdout, stderr }) => ({ output: stdout + stderr, exitCode: 0 }),
      ({ stdout, stderr, code }: { stdout: string; stderr: string; code: number }) => ({ output: stdout + stderr, exitCode: code }),
    )
  }

  await write({ 'package.json': { type, private: true } })
  return {
    write,
    run: start,
    async compile(compiler, options) {
      const compilerOptions = { strict: true, skipLibCheck: false, target: 'es2022', outDir: 'out', ...options }
      await write({ 'tsconfig.json': { compilerOptions, include: ['src'] } })
      return start(`${compiler}/lib/tsc.js`, ['-p', '.', '--pretty', 'false'])
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
