import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const APP = join(process.cwd(), 'test/next/app')
const NEXT = join(APP, 'node_modules/next/dist/bin/next')
/** Nothing of it may look for a network. */
const QUIET = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' } as const

/** A built application. */
export interface BuiltApp extends AsyncDisposable {
  /** Compiles a module beside it. @returns what the compiler says; empty where all is well */
  check(code: string): Promise<string>
  /** Starts an instance of it: by `next start`, or from what `output: 'standalone'` put together. */
  start(how: 'next start' | 'standalone', env: Readonly<Record<string, string>>): Promise<Instance>
}

/** One process that serves the application. */
export interface Instance {
  /** The text of a page, and ms that it took. */
  get(path: string): Promise<{ readonly text: string; readonly ms: number; readonly headers: Headers; readonly status: number }>
  /** Asks it to revalidate a tag or a path. */
  revalidate(query: string): Promise<void>
  /** What it printed. */
  output(): string
  /** Ends it by SIGTERM. @returns ms that it took */
  stop(): Promise<number>
}

/** Builds test/next/app/site with the files of docs/next.md and the package as it is built now. */
export async function buildApp(env: Readonly<Record<string, string>>): Promise<BuiltApp> {
  const home = join(APP, 'node_modules/fastmiss')
  await rm(home, { recursive: true, force: true })
  await mkdir(home, { recursive: true })
  await cp('dist', join(home, 'dist'), { recursive: true })
  await cp('package.json', join(home, 'package.json'))
  const folder = await mkdtemp(join(APP, '.example-'))
  await cp(join(APP, 'site'), folder, { recursive: true })
  const document = await readFile('docs/next.md', 'utf8')
  for (const [, name = '', code = ''] of document.matchAll(/<!-- example: (\S+) -->\s+```js\n(.*?)```/gs)) {
    await writeFile(join(folder, name === 'next.config.mjs' ? 'documented.config.mjs' : name), code)
  }
  await run(process.execPath, [NEXT, 'build'], { cwd: folder, env: { ...process.env, ...QUIET, ...env }, timeout: 170_000 })
  const standalone = join(folder, '.next/standalone', folder.slice(APP.length + 1))
  // As Next.js says: these are for a CDN, or to be copied.
  await cp(join(folder, 'public'), join(standalone, 'public'), { recursive: true })

  async function check(code: string): Promise<string> {
    await writeFile(join(folder, 'check.ts'), code)
    const flags = ['--ignoreConfig', '--strict', '--noEmit', '--skipLibCheck', '--exactOptionalPropertyTypes', '--module', 'esnext']
    const compiler = join(process.cwd(), 'node_modules/typescript/bin/tsc')
    return run(process.execPath, [compiler, ...flags, '--moduleResolution', 'bundler', '--target', 'es2024', '--types', 'node', 'check.ts'], {
      cwd: folder,
    }).then(
      () => '',
      (failure: { stdout: string }) => failure.stdout,
    )
  }

  return {
    check,
    start: (how, more) =>
      start(how === 'next start' ? folder : standalone, how === 'next start' ? [NEXT, 'start', '-H', '127.0.0.1'] : ['server.js'], more),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

async function start(cwd: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Instance> {
  const port = await freePort()
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...QUIET, ...env, PORT: String(port), HOSTNAME: '127.0.0.1' } })
  const printed: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void printed.push(String(chunk)))
  await ready(child, printed)
  const base = `http://127.0.0.1:${port}`
  return {
    async get(path) {
      const startedAt = performance.now()
      const response = await fetch(base + path, { signal: AbortSignal.timeout(15_000) })
      const text = (await response.text()).replaceAll(/<!--.*?-->/gs, '')
      return { text, ms: performance.now() - startedAt, headers: response.headers, status: response.status }
    },
    async revalidate(query) {
      const response = await fetch(`${base}/api/revalidate?${query}`, { method: 'POST' })
      if (response.status !== 200) throw new Error(`revalidate was answered with ${response.status}`)
    },
    output: () => printed.join(''),
    async stop() {
      const startedAt = performance.now()
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      return performance.now() - startedAt
    },
  }
}

async function ready(child: ChildProcess, printed: readonly string[]): Promise<void> {
  const signal = AbortSignal.timeout(60_000)
  while (!printed.some((text) => text.includes('Ready'))) {
    if (child.exitCode !== null || signal.aborted) throw new Error(`The server did not start: ${printed.join('')}`)
    await Promise.race([once(child.stdout ?? child, 'data', { signal }), once(child, 'exit', { signal })])
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await once(server.close(), 'close')
  return port
}
