import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const ROOT = resolve('test/unstorage/nitro')
const CLI = join(ROOT, 'node_modules/nitropack/dist/cli/index.mjs')
/** What tells programs that a test runs them, which makes them silent, stays here; and nothing says where Redis is. */
const PLAIN = { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production' } as const

/** A built application. */
export interface NitroApp extends AsyncDisposable {
  /** What the build printed. */
  readonly said: string
  start(env: Readonly<Record<string, string>>): Promise<NitroServer>
}

/** One process that serves it. */
export interface NitroServer {
  get(path: string): Promise<{ readonly status: number; readonly text: string; readonly ms: number }>
  /** What it printed. */
  output(): string
  /** Ends it by SIGTERM. @returns ms that it took */
  stop(): Promise<number>
}

/** Builds test/unstorage/nitro/site by Nitro's command line, with the configuration of docs/unstorage.md and the package as it is built now. */
export async function buildNitro(): Promise<NitroApp> {
  const home = join(ROOT, 'node_modules/fastmiss')
  await rm(home, { recursive: true, force: true })
  await mkdir(home, { recursive: true })
  await cp('dist', join(home, 'dist'), { recursive: true })
  await cp('package.json', join(home, 'package.json'))
  const site = await mkdtemp(join(ROOT, '.example-'))
  await cp(join(ROOT, 'site'), site, { recursive: true })
  const config = /<!-- example: nitro -->\n```ts\n(.*?)```/s.exec(await readFile('docs/unstorage.md', 'utf8'))?.[1]
  if (config === undefined) throw new Error('docs/unstorage.md has no example nitro')
  await writeFile(join(site, 'nitro.config.ts'), config)
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [CLI, 'build', '--compatibilityDate=2026-01-01'], {
    cwd: site,
    env: PLAIN,
    timeout: 90_000,
  })
  return {
    said: stdout + stderr,
    start: (env) => start(join(site, '.output/server/index.mjs'), env),
    [Symbol.asyncDispose]: () => rm(site, { recursive: true, force: true }),
  }
}

async function start(file: string, env: Readonly<Record<string, string>>): Promise<NitroServer> {
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
