import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const ROOT = resolve('test/unstorage/applications')
/** How each is built by its own command line, and which of the files of docs/unstorage.md are put beside those of its folder. */
const FRAMEWORKS = {
  nuxt: { command: ['@nuxt/cli/bin/nuxi.mjs', 'build'], isDocumented: (file: string) => /^(nuxt\.config|server\/)/.test(file) },
  nitro: {
    command: ['nitropack/dist/cli/index.mjs', 'build', '--compatibilityDate=2026-01-01'],
    isDocumented: (file: string) => file === 'nitro.config.ts',
  },
} as const
/** What tells programs that a test runs them, which makes them silent, stays here; and nothing says where Redis is. */
const PLAIN = { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production', NUXT_TELEMETRY_DISABLED: '1' } as const

/** A built application. */
export interface Application extends AsyncDisposable {
  /** What the build printed. */
  readonly said: string
  start(env: Readonly<Record<string, string>>): Promise<ApplicationServer>
}

/** One process that serves it. */
export interface ApplicationServer {
  get(path: string): Promise<{ readonly status: number; readonly text: string; readonly ms: number }>
  /** What it printed. */
  output(): string
  /** Ends it by SIGTERM. @returns ms that it took */
  stop(): Promise<number>
}

/** Puts the package as it is built now beside the frameworks, as it stands in an installation. */
export async function installPackage(): Promise<void> {
  const home = join(ROOT, 'node_modules/fastmiss')
  await rm(home, { recursive: true, force: true })
  await mkdir(home, { recursive: true })
  await cp('dist', join(home, 'dist'), { recursive: true })
  await cp('package.json', join(home, 'package.json'))
}

/** Builds an application of its folder and of the files that docs/unstorage.md shows. */
export async function buildApplication(framework: keyof typeof FRAMEWORKS): Promise<Application> {
  const { command, isDocumented } = FRAMEWORKS[framework]
  const site = await mkdtemp(join(ROOT, '.example-'))
  await cp(join(ROOT, framework), site, { recursive: true })
  const document = await readFile('docs/unstorage.md', 'utf8')
  const files = [...document.matchAll(/<!-- example: (\S+) -->\n```ts\n(.*?)```/gs)].filter(([, name = '']) => isDocumented(name))
  if (files.length === 0) throw new Error(`docs/unstorage.md shows no file of ${framework}`)
  for (const [, name = '', code = ''] of files) {
    await mkdir(join(site, dirname(name)), { recursive: true })
    await writeFile(join(site, name), code)
  }
  const [program, ...args] = command
  const run = promisify(execFile)
  const { stdout, stderr } = await run(process.execPath, [join(ROOT, 'node_modules', program), ...args], {
    cwd: site,
    env: PLAIN,
    timeout: 110_000,
  })
  return {
    said: stdout + stderr,
    start: (env) => start(join(site, '.output/server/index.mjs'), env),
    [Symbol.asyncDispose]: () => rm(site, { recursive: true, force: true }),
  }
}

async function start(file: string, env: Readonly<Record<string, string>>): Promise<ApplicationServer> {
  const child = spawn(process.execPath, [file], { env: { ...PLAIN, ...env, PORT: '0', HOST: '127.0.0.1' } })
  const ended = once(child, 'exit')
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (printed += String(chunk)))
  const signal = AbortSignal.timeout(30_000)
  let base: string | undefined
  while ((base = /Listening on (http:\S+)/.exec(printed)?.[1]) === undefined) {
    if (child.exitCode !== null) throw new Error(`The server did not start: ${printed}`)
    await Promise.race([once(child.stdout, 'data', { signal }), ended])
  }
  return {
    async get(path) {
      const startedAt = performance.now()
      const response = await fetch(new URL(path, base), { signal: AbortSignal.timeout(15_000) })
      const text = await response.text()
      return { status: response.status, text, ms: performance.now() - startedAt }
    },
    output: () => printed,
    async stop() {
      const startedAt = performance.now()
      child.kill('SIGTERM')
      await ended
      return performance.now() - startedAt
    },
  }
}
