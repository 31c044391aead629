import { execFile } from 'node:child_process'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createCache } from 'fastmiss'
import { type LocalRedis, type LocalUpstash, startRedis, startUpstash } from 'fastmiss/testing'
import { transform } from 'esbuild'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BUNDLERS, type Bundler } from './support/bundlers.ts'
import { type InstalledProject, installedProject } from './support/installed.ts'

const run = promisify(execFile)
const TIMEOUT = 120_000

/** Examples that run to their end, where they stand, and what they print where Redis answers. */
const PROGRAMS = [
  ['node', 'docs/requests.md', 'hit\nhello\n'],
  ['read-through', 'README.md', 'Ada\nhit true\nmiss true\n'],
  ['keyv', 'docs/first-connection.md', 'true\nhello\n'],
] as const

let redis: LocalRedis
let tls: LocalRedis
let upstash: LocalUpstash
let project: InstalledProject
beforeAll(async () => {
  redis = await startRedis()
  tls = await startRedis({ tls: true })
  upstash = await startUpstash({ redis: redis.url })
  project = await installedProject(['keyv', 'hono'])
}, TIMEOUT)
afterAll(async () => {
  await project[Symbol.asyncDispose]()
  await upstash.stop()
  await Promise.all([redis.stop(), tls.stop()])
})

/** An example as somebody hands it to a bundler: types stripped; for CommonJS, what awaits at the top is in a function. */
async function program(document: string, name: string, format: Bundler['format']): Promise<string> {
  const text = await readFile(document, 'utf8')
  const example = new RegExp(`<!-- example: ${name} -->\\n\`\`\`ts\\n(.*?)\`\`\``, 's').exec(text)?.[1]
  if (example === undefined) throw new Error(`${document} has no example ${name}`)
  const { code } = await transform(example, { loader: 'ts', target: 'es2022' })
  const [imports, body] = [code.match(/^import .*$/gm) ?? [], code.replaceAll(/^import .*$/gm, '')]
  const entry = join(await mkdtemp(join(project.folder, `${name}-`)), 'program.mjs')
  const isWrapped = format === 'cjs' && !body.includes('export ')
  await writeFile(
    entry,
    isWrapped
      ? `${imports.join('\n')}\nvoid (async () => {${body}})()`
      : code.replace(/^await (?=cache\.preload)/m, format === 'cjs' ? 'void ' : 'await '),
  )
  return entry
}

/** Not an example: what else the same bundle reaches. */
const WIRES = `
import { createCache } from 'fastmiss'
void (async () => {
  for (const options of JSON.parse(process.env.OPTIONS)) {
    const cache = createCache({ ...options, timeout: 9_000 })
    console.log(await cache.set('k', 1), await cache.get('k'))
  }
})()`

/** All of them, bundled in one go. @returns the folder */
async function bundled(bundler: Bundler): Promise<string> {
  const outdir = await mkdtemp(join(project.folder, 'out-'))
  const wires = join(outdir, 'wires-program.mjs')
  await writeFile(wires, WIRES)
  const named = [...PROGRAMS, ['lambda', 'README.md']] as const
  const examples = await Promise.all(named.map(async ([name, document]) => [name, await program(document, name, bundler.format)] as const))
  expect(await bundler.run({ entries: { ...Object.fromEntries(examples), wires }, outdir })).toEqual([])
  return outdir
}

describe.each(BUNDLERS)('bundled by $name, without a banner and without a warning', (bundler) => {
  let outdir: string
  beforeAll(async () => {
    outdir = await bundled(bundler)
  }, TIMEOUT)
  const file = (name: string) => join(outdir, name + bundler.extension)

  test.each(PROGRAMS)('the example %s of %s reaches Redis', { timeout: TIMEOUT }, async (name, _document, printed) => {
    const { stdout, stderr } = await run(process.execPath, [file(name)], { env: { ...process.env, REDIS_URL: redis.url } })
    expect(stdout).toBe(printed)
    // The example for Node prints its events.
    expect(stderr).not.toMatch(/degraded|Error|Warning/)
  })

  test("the README's example for AWS Lambda reaches Redis", { timeout: TIMEOUT }, async () => {
    const script = `
      const bundle = await import(${JSON.stringify(file('lambda'))})
      const { handler } = bundle.handler === undefined ? bundle.default : bundle
      for (let turn = 0; turn < 2; turn++) console.log(JSON.stringify(await handler({ id: '8' }, { getRemainingTimeInMillis: () => 9_000 })))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { env: { ...process.env, REDIS_URL: redis.url } })
    expect(stdout).toBe('{"id":"8"}\n{"id":"8"}\n')
    expect(await createCache({ url: redis.url, namespace: 'app', timeout: 9_000 }).get('8')).toEqual({ id: '8' })
  })

  test('TLS and Upstash are reached, by the same bundle', { timeout: TIMEOUT }, async () => {
    const options = [{ url: tls.url, tls: { ca: tls.ca } }, { url: upstash.url, token: upstash.token }, { url: 'memory:' }]
    const { stdout } = await run(process.execPath, [file('wires')], { env: { ...process.env, OPTIONS: JSON.stringify(options) } })
    expect(stdout).toBe('true 1\n'.repeat(3))
  })
})

/** The README's example over REST, and its way over TCP. */
const OVER_TCP = `
import { env } from 'cloudflare:workers'
import { createCache } from 'fastmiss'
import { tcp } from 'fastmiss/tcp'
const cache = createCache({ transport: tcp(env.REDIS_URL), timeout: 5_000 })
export default { fetch: async () => Response.json([await cache.set('worker', 1), await cache.lookup('worker')]) }
`

test(
  "bundled by wrangler, without a warning, the README's example for Workers reaches Redis, over REST and over TCP",
  { timeout: TIMEOUT },
  async () => {
    // One of its own: the others have stored the same user.
    await using empty = await startRedis()
    await using upstash = await startUpstash({ redis: empty.url })
    const example = await program('README.md', 'workers', 'esm')
    await using rest = await deployed(await readFile(example, 'utf8'), upstash.env)
    const ask = async () => {
      const response = await rest.dispatchFetch('http://localhost/users/7')
      return [await response.json(), response.headers.get('x-cache')]
    }
    expect([await ask(), await ask()]).toEqual([
      [{ id: '7' }, 'miss'],
      [{ id: '7' }, null],
    ])
    await using overTcp = await deployed(OVER_TCP, { REDIS_URL: empty.url })
    expect(await (await overTcp.dispatchFetch('http://localhost/')).json()).toMatchObject([true, { status: 'hit', value: 1 }])
  },
)

/** What `wrangler deploy` would upload, in workerd. */
async function deployed(code: string, bindings: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(project.folder, 'worker-'))
  const settings = { name: 'worker', main: 'worker.mjs', compatibility_date: '2026-07-30', compatibility_flags: ['nodejs_compat'] }
  await Promise.all([writeFile(join(folder, 'worker.mjs'), code), writeFile(join(folder, 'wrangler.json'), JSON.stringify(settings))])
  const wrangler = join(process.cwd(), 'node_modules/wrangler/bin/wrangler.js')
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1' }
  const { stdout, stderr } = await run(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', 'out'], { cwd: folder, env })
  expect(stdout).toContain('--dry-run: exiting now')
  expect(stdout + stderr).not.toMatch(/WARNING|ERROR/)
  const worker = new Miniflare({
    compatibilityDate: settings.compatibility_date,
    compatibilityFlags: settings.compatibility_flags,
    modules: [{ type: 'ESModule', path: 'worker.js', contents: await readFile(join(folder, 'out/worker.js'), 'utf8') }],
    bindings,
  })
  return Object.assign(worker, { [Symbol.asyncDispose]: () => worker.dispose() })
}
