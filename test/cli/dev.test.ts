import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@redis/client'
import { Redis } from '@upstash/redis'
import { describe, expect, test, vi } from 'vitest'
import { startRedis } from '../../src/testing/index.ts'
import { mark } from './support/descendants.ts'
import { fastmiss, type Running, start } from './support/cli.ts'

/** Each test starts processes of its own, on a machine that may be busy. */
vi.setConfig({ testTimeout: 30_000 })

interface Json {
  readonly redis: { readonly url: string; readonly server: string }
  readonly rest: { readonly url: string; readonly token: string }
  readonly env: Readonly<Record<string, string>>
}

/** Any free ports: other tests run beside this one. */
const ANYWHERE = ['dev', '--port', '0', '--redis-port', '0']
const READY = /UPSTASH_REDIS_REST_TOKEN/
/** Where no redis-server is; the directories of node and of the link come first anyway. */
const NOWHERE = { PATH: '/nowhere' }

async function json(running: Running): Promise<Json> {
  return JSON.parse(await running.until(/\n/)) as Json
}

describe.each([
  ['redis-server', {}],
  ['embedded', NOWHERE],
] as const)('on %s', (server, env) => {
  test('both URLs serve one Redis, and after Ctrl-C nothing is left', async () => {
    const started = mark()
    await using running = start(ANYWHERE, { ...env, ...started.env })
    const text = await running.until(READY)
    const variables = Object.fromEntries(
      text
        .split('\n')
        .filter((line) => line.includes('='))
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
    expect(Object.keys(variables)).toEqual(['REDIS_URL', 'UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'])
    const { REDIS_URL = '', UPSTASH_REDIS_REST_URL: url = '', UPSTASH_REDIS_REST_TOKEN: token = '' } = variables
    const rest = new Redis({ url, token, enableTelemetry: false })
    const client = createClient({ url: REDIS_URL, socket: { reconnectStrategy: false } })
    // It ends with the server.
    client.on('error', () => {})
    await client.connect()
    await client.set('greeting', 'hello')
    expect(await rest.get('greeting')).toBe('hello')
    await expect(new Redis({ url, token: 'wrong', enableTelemetry: false }).get('greeting')).rejects.toThrow('WRONGPASS')
    expect(running.stderr).toContain(server)

    // The client is still connected, and yet it ends by itself.
    const { exitCode, signal, stderr } = await running.end('SIGINT')
    expect(stderr).not.toContain('not everything stopped in time')
    expect([exitCode, signal]).toEqual([130, null])
    expect(await Promise.all([REDIS_URL, url].map(isListening))).toEqual([false, false])
    await expect.poll(started.running, { timeout: 15_000 }).toEqual([])
  })

  test('--json is one line with all of it, and nothing of it is styled', async () => {
    await using running = start([...ANYWHERE, '--token', 'my-token', '--json'], env)
    const { redis, rest, env: variables } = await json(running)
    expect(redis.server).toBe(server)
    expect(rest.token).toBe('my-token')
    expect(variables).toEqual({ REDIS_URL: redis.url, UPSTASH_REDIS_REST_URL: rest.url, UPSTASH_REDIS_REST_TOKEN: 'my-token' })
    const { exitCode, stdout } = await running.end('SIGTERM')
    expect(exitCode).toBe(143)
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  })

  test('interrupted while it starts, it leaves nothing either', async () => {
    const started = mark()
    await using running = start(ANYWHERE, { ...env, ...started.env })
    await new Promise((resolve) => setTimeout(resolve, 150))
    const { exitCode, signal } = await running.end('SIGINT')
    // Before its first line ran, the signal itself has ended it.
    expect(exitCode === 130 || signal === 'SIGINT').toBe(true)
    await expect.poll(started.running, { timeout: 15_000 }).toEqual([])
  })

  test('killed, it leaves nothing running', async () => {
    const started = mark()
    await using running = start(ANYWHERE, { ...env, ...started.env })
    await running.until(READY)
    expect(started.running().length).toBeGreaterThan(0)
    await running.end('SIGKILL')
    await expect.poll(started.running, { timeout: 15_000 }).toEqual([])
  })
})

test('piped it is plain, whatever the streams of its parent are; forced it is in colour', async () => {
  await using piped = start(ANYWHERE)
  await piped.until(READY)
  await using forced = start(ANYWHERE, { FORCE_COLOR: '1' })
  await forced.until(READY)
  const [plain, styled] = [await piped.end(), await forced.end()]
  expect(plain.stdout + plain.stderr).not.toContain('\u001B')
  expect(styled.stderr).toContain('\u001B[')
  expect(styled.stdout).not.toContain('\u001B')
})

test('with --redis it serves REST before that one, and prints nothing of its password', async () => {
  await using redis = await startRedis({ password: 'planted-password' })
  await using running = start(['dev', '--port', '0', '--redis', redis.url])
  const text = await running.until(READY)
  const [, url = ''] = /REST_URL=(.*)/.exec(text) ?? []
  const [, token = ''] = /REST_TOKEN=(.*)/.exec(text) ?? []
  const rest = new Redis({ url, token, enableTelemetry: false })
  expect(await rest.set('key', 'value')).toBe('OK')
  const { stdout, stderr, exitCode } = await running.end()
  expect(exitCode).toBe(130)
  expect(stdout).not.toContain('REDIS_URL=redis:')
  expect(stderr).toContain(`redis://127.0.0.1:${redis.port}`)
  expect(stdout + stderr).not.toContain('planted-password')
  // It is not this command's to stop.
  expect(await isListening(redis.url)).toBe(true)
})

test('with --redis and nobody there it says so, and serves', async () => {
  const redis = await startRedis()
  await redis.stop()
  await using running = start(['dev', '--port', '0', '--redis', redis.url])
  await running.until(READY)
  await expect.poll(() => running.stderr, { timeout: 15_000 }).toContain('does not answer now')
  expect((await running.end()).exitCode).toBe(130)
})

test('a usual port that is taken is replaced by a free one, and that is said', async () => {
  await using first = start(['dev', '--json'])
  const one = await json(first)
  await using second = start(['dev', '--json'])
  const two = await json(second)
  expect(two.redis.url).not.toBe(one.redis.url)
  expect(two.rest.url).not.toBe(one.rest.url)
  expect(second.stderr).toMatch(/Port 6379 is taken.*--redis-port/)
  expect(second.stderr).toMatch(/Port 8079 is taken.*--port/)
  expect(await isListening(two.redis.url)).toBe(true)
})

test('a port that was asked for and is taken ends it with a sentence', async () => {
  const started = mark()
  await using redis = await startRedis()
  for (const option of ['--port', '--redis-port']) {
    const other = option === '--port' ? '--redis-port' : '--port'
    await using running = start(['dev', option, String(redis.port), other, '0'], started.env)
    const { exitCode, stdout, stderr } = await running.outcome
    expect([exitCode, stdout, stderr]).toEqual([1, '', `${option}: port ${redis.port} is taken by another program\n`])
  }
  await expect.poll(started.running, { timeout: 15_000 }).toEqual([])
})

test('when nobody reads any more it ends', async () => {
  const started = mark()
  await using running = start(ANYWHERE, started.env)
  running.hangUp()
  expect((await running.outcome).exitCode).toBe(0)
  await expect.poll(started.running, { timeout: 15_000 }).toEqual([])
})

test('when nobody reads its words any more it serves on', async () => {
  await using running = start([...ANYWHERE, '--json'])
  running.hangUp('stderr')
  const { redis } = await json(running)
  expect(await isListening(redis.url)).toBe(true)
  await using talking = start(ANYWHERE)
  talking.hangUp('stderr')
  await talking.until(READY)
  const { exitCode } = await talking.end()
  expect(exitCode).toBe(130)
})

test.each([
  [['--port', '65536'], /--port.*Expected a port/],
  [['--port', 'abc'], /--port.*Expected a port/],
  [['--redis-port', '-1'], /--redis-port.*Expected a port/],
  [['--token', 'a planted b'], /--token.*Expected letters, digits and/],
  [['--token=a planted b'], /--token.*Expected letters, digits and/],
  [['--token', 'planted#b'], /--token.*\.env file/],
  [['--tokken=planted'], /^unknown option '--tokken=…'/],
  [['--token', ''], /--token.*Expected letters, digits and/],
  [['--redis', 'http://:planted@localhost'], /^--redis: unknown scheme/],
  [['--redis', 'planted'], /^--redis: cannot be parsed/],
  [['--redis', 'unix:///planted'], /^--redis: .*no unix socket/],
  [['--redis', 'redis://localhost', '--redis-port', '1'], /^--redis-port: there is none with --redis/],
  [['--nonsense'], /^unknown option '--nonsense'/],
  [['too', 'many'], /^too many arguments/],
])('%j is refused in a sentence, with 2', async (args, sentence) => {
  const { exitCode, stdout, stderr } = await fastmiss('dev', ...args)
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(sentence)
  expect(stderr).not.toMatch(/planted|\n {4}at /)
})

test('without the optional packages it serves Redis, and says what REST would need', async () => {
  const project = projectWithoutHono()
  const program = join(project, 'node_modules/fastmiss/dist/cli/main.js')
  const started = mark()
  try {
    await using running = start(ANYWHERE, started.env, program)
    const url = /^# over TCP\nREDIS_URL=(.*)\n$/.exec(await running.until(/REDIS_URL=.*\n/))?.[1] ?? ''
    expect(await isListening(url)).toBe(true)
    expect((await running.end()).stderr).toContain('npm install --save-dev fastmiss hono @hono/node-server')

    await using asJson = start([...ANYWHERE, '--json'], started.env, program)
    const told = await json(asJson)
    expect(told).toEqual({ redis: told.redis, rest: null, env: { REDIS_URL: told.redis.url } })
    expect((await asJson.end()).stderr).toContain('hono')

    await using nothing = start(['dev', '--redis', url], started.env, program)
    const { exitCode, stdout, stderr } = await nothing.outcome
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^--redis: the REST interface needs the packages hono/)
    await expect.poll(started.running, { timeout: 15_000 }).toEqual([])
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
})

/** A project that has installed the package, and none of its optional peers. */
function projectWithoutHono(): string {
  const project = mkdtempSync(join(tmpdir(), 'fastmiss-project-'))
  const modules = join(project, 'node_modules')
  for (const name of ['fastmiss', '@redis', '@upstash']) mkdirSync(join(modules, name), { recursive: true })
  cpSync('dist', join(modules, 'fastmiss/dist'), { recursive: true })
  cpSync('package.json', join(modules, 'fastmiss/package.json'))
  for (const name of ['@redis/client', '@upstash/redis']) symlinkSync(join(process.cwd(), 'node_modules', name), join(modules, name))
  return project
}

function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  return new Promise<boolean>((resolve) => void socket.once('connect', () => resolve(true)).once('error', () => resolve(false))).finally(() =>
    socket.destroy(),
  )
}
