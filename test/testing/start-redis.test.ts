import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { createClient } from '@redis/client'
import { describe, expect, test, vi } from 'vitest'
import { findProgram } from '../../src/testing/redis/find-program.ts'
import { type LocalRedis, startRedis, type StartRedisOptions } from '../../src/testing/index.ts'

describe.each(['redis-server', 'embedded'] as const)('%s', (binary) => {
  test('it answers on a port of its own, empty', async () => {
    await using redis = await startRedis({ binary })
    await using other = await startRedis({ binary })
    const client = await connected(redis.url)

    expect(redis.binary).toBe(binary)
    expect(redis.port).not.toBe(other.port)
    expect(await client.dbSize()).toBe(0)
    expect(await client.set('key', 'value')).toBe('OK')
    expect(await client.configGet('save')).toEqual({ save: '' })
    client.destroy()
  })

  test('a password is asked for, and the url carries it', async () => {
    await using redis = await startRedis({ binary, password: '--p@ss wörd/:?"' })
    const client = await connected(redis.url)

    expect(await client.ping()).toBe('PONG')
    await expect(connected(`redis://127.0.0.1:${redis.port}`).then((it) => it.ping())).rejects.toThrow('NOAUTH')
    client.destroy()
  })

  test('TLS is spoken with a certificate that its ca vouches for', async () => {
    await using redis = await startRedis({ binary, tls: true })
    const client = await connected(redis.url, { tls: true, ca: redis.ca ?? '' })

    expect(redis.url).toMatch(/^rediss:\/\/localhost:/)
    expect(await client.ping()).toBe('PONG')
    await expect(connected(redis.url, { tls: true })).rejects.toThrow('self-signed')
    client.destroy()
  })

  test('a unix socket answers beside the port', async () => {
    await using redis = await startRedis({ binary, unixSocket: true })
    const client = await connected(undefined, { path: redis.socketPath ?? '' })

    expect(await client.ping()).toBe('PONG')
    client.destroy()
  })

  test('maxclients and further arguments reach the server', async () => {
    await using redis = await startRedis({ binary, maxclients: 3, args: ['--maxmemory', '10mb'] })
    const client = await connected(redis.url)

    expect(await client.configGet('max*')).toMatchObject({ maxclients: '3', maxmemory: '10485760' })
    client.destroy()
  })

  test('after stop nothing listens and its directory is gone', async () => {
    const redis = await startRedis({ binary, unixSocket: true })
    await redis.stop()
    await redis.stop()

    expect(await listens(redis.port)).toBe(false)
    await expect(access(dirname(redis.socketPath ?? ''))).rejects.toThrow('ENOENT')
  })

  test('port 0 is any free one', async () => {
    await using redis = await startRedis({ binary, port: 0 })

    expect(new URL(redis.url).port).toBe(String(redis.port))
    expect(await listens(redis.port)).toBe(true)
  })

  test('a port that is taken is refused, where it was asked for', async () => {
    await using redis = await startRedis({ binary })

    await expect(startRedis({ binary, port: redis.port })).rejects.toThrow('Address already in use')
  })

  test('a process that is killed takes its Redis and its directory along', async () => {
    const { child, port, socketPath } = await redisOfAnotherProcess(binary, 'setInterval(() => {}, 1000)')
    expect(await listens(port)).toBe(true)
    child.kill('SIGKILL')

    await expect.poll(() => listens(port), { timeout: 5_000 }).toBe(false)
    // Nobody is left to remove the directory of the embedded one.
    if (binary === 'embedded') await rm(dirname(socketPath), { recursive: true })
    await expect.poll(() => exists(dirname(socketPath)), { timeout: 5_000 }).toBe(false)
  })

  test('a process that forgets to stop its Redis ends by itself, and the Redis too', async () => {
    const { child, port } = await redisOfAnotherProcess(binary, '')
    if (child.exitCode === null) await once(child, 'exit')

    expect(child.exitCode).toBe(0)
    await expect.poll(() => listens(port), { timeout: 5_000 }).toBe(false)
  })
})

test('a process that awaits the end of its Redis is there until then, however late its output closes', async () => {
  await using directory = await temporaryDirectory()
  const real = spawnSync('sh', ['-c', 'command -v redis-server'], { encoding: 'utf8' }).stdout.trim()
  // What it leaves behind holds its output for longer than it lives itself.
  await writeFile(join(directory.path, 'redis-server'), `#!/bin/sh\nsleep 0.5 2>/dev/null &\nexec ${real} "$@"\n`, { mode: 0o755 })
  const path = [directory.path, process.env['PATH']].join(delimiter)
  const { child } = await redisOfAnotherProcess('redis-server', 'await stop()', { ...process.env, PATH: path })
  if (child.exitCode === null) await once(child, 'exit')

  // 13 is that of a process which leaves in the midst of an await.
  expect(child.exitCode).toBe(0)
})

test('where TLS cannot be had, no directory is left', async () => {
  await using directory = await temporaryDirectory()
  vi.stubEnv('TMPDIR', directory.path)
  vi.doMock('selfsigned', () => Promise.reject(new Error('not installed')))
  try {
    await expect(startRedis({ tls: true })).rejects.toThrow('npm install --save-dev selfsigned')
    expect(await readdir(directory.path)).toEqual([])
  } finally {
    vi.doUnmock('selfsigned')
    vi.unstubAllEnvs()
  }
})

test('an option that does not exist is refused: without it a test would go on with another Redis', async () => {
  await expect(startRedis({ pasword: 'x' } as StartRedisOptions)).rejects.toThrow(/^pasword: unknown option. Known: port, password,/)
})

test('an argument that redis-server refuses is told with its log', async () => {
  await expect(startRedis({ args: ['--no-such-option', '1'] })).rejects.toThrow('did not start')
})

test('the embedded one says what it cannot do', async () => {
  await expect(startRedis({ binary: 'embedded', args: ['--appendonly', 'yes'] })).rejects.toThrow('it cannot do --appendonly yes')
  await using redis = await startRedis({ binary: 'embedded', args: ['--appendonly', 'no', '--maxmemory', '1mb'] })
  expect(redis.binary).toBe('embedded')
})

test('without a redis-server on PATH the embedded one answers, and says so once on standard error', async () => {
  const nowhere = { ...process.env, PATH: dirname(process.execPath) }
  const { child, binary, stderr } = await redisOfAnotherProcess(undefined, 'await startRedis()', nowhere)
  await once(child, 'close')

  expect([binary, child.exitCode]).toEqual(['embedded', 0])
  expect(stderr()).toMatch(/^fastmiss: no redis-server on PATH: an embedded Redis answers[^\n]*\n$/)
})

test('where the real one is asked for, its absence is an error', async () => {
  const nowhere = { ...process.env, PATH: dirname(process.execPath) }
  await expect(redisOfAnotherProcess('redis-server', '', nowhere)).rejects.toThrow('There is no redis-server on PATH')
})

async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'fastmiss-start-redis-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

interface SocketOptions {
  readonly tls?: true
  readonly ca?: string
  readonly path?: string
}

async function connected(url: string | undefined, socket: SocketOptions = {}) {
  const client = createClient({
    ...(url === undefined ? {} : { url }),
    // The driver's type wants to know at compile time which kind of socket it is.
    socket: { ...socket, reconnectStrategy: false } as { tls: true },
  })
  // The rejection of connect() says the same.
  client.on('error', () => {})
  await client.connect()
  return client
}

async function redisOfAnotherProcess(asked: LocalRedis['binary'] | undefined, afterwards: string, env: NodeJS.ProcessEnv = process.env) {
  const program = `
    import { startRedis } from '${new URL('../../src/testing/index.ts', import.meta.url).href}'
    const { port, socketPath, binary, stop } = await startRedis(${JSON.stringify({ unixSocket: true, binary: asked })})
    console.log(JSON.stringify({ port, socketPath, binary }))
    ${afterwards}`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'pipe'], env })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const first = await Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'close')])
  if (typeof first[0] !== 'string') throw new Error(said)
  const started = JSON.parse(first[0]) as Required<Pick<LocalRedis, 'port' | 'socketPath' | 'binary'>>
  return { child, ...started, stderr: () => said }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

test('a process that ends before its Redis has started leaves no directory', async () => {
  const program = `
    import { redisDirectory } from './src/testing/redis/redis-directory.ts'
    console.log(redisDirectory())
    process.exit()`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  expect(stdout).toMatch(/fastmiss-redis-/)
  await expect(access(stdout.trim())).rejects.toThrow('ENOENT')
})

test('however many there are, they listen for the end of the process once', async () => {
  const before = process.listenerCount('exit')
  const servers = await Promise.all(Array.from({ length: 3 }, () => startRedis({ binary: 'embedded', unixSocket: true })))
  expect(process.listenerCount('exit')).toBeLessThanOrEqual(before + 1)
  await Promise.all(servers.map((redis) => redis.stop()))
  expect(process.listenerCount('exit')).toBe(before)
})

test('a directory on PATH that is called as the server is none', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fastmiss-path-'))
  await mkdir(join(directory, 'redis-server'))
  expect(await findProgram('redis-server', directory)).toBe(undefined)
  expect(await findProgram('redis-server', [directory, process.env['PATH']].join(delimiter))).toBe(await findProgram('redis-server'))
  await rm(directory, { recursive: true })
})
