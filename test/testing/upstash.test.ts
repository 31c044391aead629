import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { Ratelimit } from '@upstash/ratelimit'
import { Redis } from '@upstash/redis'
import { createClient } from '@redis/client'
import { startUpstash as startShippedUpstash } from 'fastmiss/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faultProxy, type LocalRedis, type LocalUpstash, startRedis, startUpstash, type StartUpstashOptions } from '../../src/testing/index.ts'

let redis: LocalRedis
let upstash: LocalUpstash

beforeAll(async () => {
  redis = await startRedis()
  upstash = await startUpstash({ redis: redis.url, token: 'full', readOnlyToken: 'reader' })
})
afterAll(async () => {
  await upstash.stop()
  await redis.stop()
})

function call(path: string, init: RequestInit = {}, token = 'full'): Promise<Response> {
  return fetch(`${upstash.url}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } })
}

async function post(path: string, body: unknown, token?: string): Promise<{ status: number; body: unknown }> {
  const response = await call(path, { method: 'POST', body: JSON.stringify(body) }, token)
  return { status: response.status, body: await response.json() }
}

describe('the REST interface', () => {
  test('POST / takes a command as JSON; an error reply is 400', async () => {
    expect(await post('/', ['SET', 'json', 'value', 'PX', 10_000])).toEqual({ status: 200, body: { result: 'OK' } })
    expect(await post('/', ['GET', 'json'])).toEqual({ status: 200, body: { result: 'value' } })
    expect(await post('/', ['INCR', 'json'])).toEqual({ status: 400, body: { error: 'ERR value is not an integer or out of range' } })
    expect((await post('/', { GET: 'json' })).status).toBe(400)
    expect((await call('/', { method: 'POST', body: 'not json' })).status).toBe(400)
    expect((await call('/')).status).toBe(400)
  })

  test('a command may stand in the path, with its options in the query and its last argument in the body', async () => {
    expect(await (await call('/set/by%20path/a%2Fb?EX=100&NX')).json()).toEqual({ result: 'OK' })
    expect(await (await call('/get/by%20path')).json()).toEqual({ result: 'a/b' })
    expect(await (await call('/set/by-body?PX=5000', { method: 'PUT', body: 'the body' })).json()).toEqual({ result: 'OK' })
    expect(await (await call('/get/by-body', { method: 'POST' })).json()).toEqual({ result: 'the body' })
    expect(await (await call('/pttl/by-body')).json()).toEqual({ result: expect.closeTo(5_000, -3) as number })
    const head = await call('/get/by-body', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect((await call('/get/by-body', { method: 'DELETE' })).status).toBe(405)
  })

  test('bytes go in by body or path, and come out by base64, exact', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    await call('/set/bytes', { method: 'POST', body: bytes })
    const out = (await (await call('/get/bytes', { headers: { 'upstash-encoding': 'base64' } })).json()) as { result: string }
    expect(new Uint8Array(Buffer.from(out.result, 'base64'))).toEqual(bytes)
    await call('/set/%FF%00key/%FE')
    const client = await createClient({ url: redis.url }).connect()
    expect(await client.exists(Buffer.from([0xff, 0x00, 0x6b, 0x65, 0x79]))).toBe(1)
    client.destroy()
  })

  test('as it is shipped, with the driver in the package, it keeps bytes exact among commands of text', async () => {
    await using shipped = await startShippedUpstash({ redis: redis.url, token: 'full' })
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    const headers = { authorization: 'Bearer full', 'upstash-encoding': 'base64' }
    const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => (await fetch(`${shipped.url}${path}`, { ...init, headers })).json()
    await ask('/set/text/v')
    const answers = await Promise.all([ask('/set/shipped', { method: 'POST', body: bytes }), ask('/get/text')])
    expect(answers).toEqual([{ result: 'OK' }, { result: btoa('v') }])
    const { result } = (await ask('/get/shipped')) as { readonly result: string }
    expect(new Uint8Array(Buffer.from(result, 'base64'))).toEqual(bytes)
  })

  test('base64 covers every string but OK, nested ones and simple ones included', async () => {
    const headers = { 'upstash-encoding': 'base64' }
    const body = JSON.stringify([['SET', 'b64', 'v'], ['MGET', 'b64', 'none'], ['PING'], ['STRLEN', 'b64']])
    const answer = await (await call('/pipeline', { method: 'POST', body, headers })).json()
    expect(answer).toEqual([{ result: 'OK' }, { result: [btoa('v'), null] }, { result: btoa('PONG') }, { result: 1 }])
  })

  test('a single command is answered in RESP2 where that is asked for', async () => {
    const resp2 = async (...command: string[]): Promise<string> => {
      const headers = { 'upstash-response-format': 'resp2' }
      return (await call('/', { method: 'POST', body: JSON.stringify(command), headers })).text()
    }
    expect(await resp2('SET', 'resp', 'äö')).toBe('+OK\r\n')
    expect(await resp2('MGET', 'resp', 'none')).toBe('*2\r\n$4\r\näö\r\n$-1\r\n')
    expect(await resp2('EXISTS', 'resp')).toBe(':1\r\n')
    expect(await resp2('INCR', 'resp')).toMatch(/^-ERR .*\r\n$/)
  })

  test('a pipeline is answered in RESP2 too; any other format, and base64 with it, is 400', async () => {
    const ask = (path: string, command: unknown, headers: HeadersInit): Promise<Response> =>
      call(path, { method: 'POST', body: JSON.stringify(command), headers })
    const pipeline = await ask('/pipeline', [['PING'], ['NO\r\n+OK'], ['ECHO', 'x']], { 'upstash-response-format': 'resp2' })
    expect(await pipeline.text()).toBe("*3\r\n+PONG\r\n-ERR Command is not available: 'NO??+OK'\r\n$1\r\nx\r\n")
    const formats = ['json', 'resp3', 'RESP2 ', 'x'].map(async (format) => (await ask('/', ['PING'], { 'upstash-response-format': format })).status)
    expect(await Promise.all(formats)).toEqual([200, 400, 400, 400])
    expect((await ask('/', ['PING'], { 'upstash-response-format': 'resp2', 'upstash-encoding': 'base64' })).status).toBe(400)
  })

  test.each([
    'REPLCONF ACK 0',
    'SYNC',
    'PSYNC ? -1',
    'MONITOR',
    'CLIENT REPLY OFF',
    'CLIENT PAUSE 5000',
    'SUBSCRIBE x',
    'SSUBSCRIBE x',
    'RESET',
    'QUIT',
    'SELECT 1',
    'HELLO 3',
    'AUTH x',
    'ASKING',
    'READONLY',
    'MULTI',
    'EXEC',
    'WATCH k',
    'BLPOP k 0',
    'BLMPOP 0 1 k LEFT',
    'BZPOPMIN k 0',
    'WAIT 1 0',
    'XREAD COUNT 1 BLOCK 0 STREAMS s $',
    'XREADGROUP BLOCK 0 GROUP g c STREAMS s >',
    'REPLICAOF NO ONE',
    'SLAVEOF NO ONE',
    'FAILOVER',
    'CONFIG SET maxmemory 0',
    'CONFIG REWRITE',
    'ACL WHOAMI',
    'MIGRATE h 1 k 0 1',
    'DEBUG SLEEP 0',
    'SHUTDOWN',
    'SAVE',
    'MODULE LIST',
    'SCRIPT DEBUG YES',
    'CLUSTER INFO',
    'SWAPDB 0 1',
    'LATENCY RESET',
    ' x',
    'get\r\n x',
  ])('what may shift or hold up the replies to others is refused: %j', async (text) => {
    const command = text.split(' ')
    const refused = { error: expect.stringMatching(/^ERR Command is not available: '/) as string }
    await post('/', ['MSET', 'one', '1', 'two', '2'])
    const [single, pipeline, multi, victim] = await Promise.all([
      post('/', command),
      post('/pipeline', [['GET', 'one'], command, ['GET', 'two']]),
      post('/multi-exec', [['GET', 'one'], command]),
      post('/pipeline', [
        ['GET', 'one'],
        ['GET', 'two'],
      ]),
    ])
    expect(single).toEqual({ status: 400, body: refused })
    expect(pipeline.body).toEqual([{ result: '1' }, refused, { result: '2' }])
    expect(multi).toEqual({ status: 400, body: refused })
    expect(victim.body).toEqual([{ result: '1' }, { result: '2' }])
  })

  test('a stream is read without waiting, whatever its keys and groups are called', async () => {
    await post('/', ['XADD', 'BLOCK', '1-1', 'f', 'v'])
    await post('/', ['XGROUP', 'CREATE', 'BLOCK', 'BLOCK', '0'])
    const entries = [['BLOCK', [['1-1', ['f', 'v']]]]]
    expect(await post('/', ['XREAD', 'COUNT', 1, 'STREAMS', 'BLOCK', '0'])).toEqual({ status: 200, body: { result: entries } })
    expect(await post('/', ['XREADGROUP', 'GROUP', 'BLOCK', 'c', 'STREAMS', 'BLOCK', '>'])).toEqual({ status: 200, body: { result: entries } })
  })

  test('a pipeline has its errors in their own slots', async () => {
    const { status, body } = await post('/pipeline', [['SET', 'p', 'x'], ['INCR', 'p'], ['NOSUCH'], ['BLPOP', 'p', 0], ['GET', 'p']])
    const text = expect.any(String) as string
    expect(status).toBe(200)
    expect(body).toEqual([{ result: 'OK' }, { error: text }, { error: text }, { error: text }, { result: 'x' }])
    expect((await post('/pipeline', [[]])).status).toBe(400)
  })

  test('a transaction is atomic: nothing comes between, and a bad command discards all of it', async () => {
    const transactions = Array.from({ length: 20 }, () =>
      post('/multi-exec', [
        ['INCR', 'tx'],
        ['INCR', 'tx'],
        ['GET', 'tx'],
      ]),
    )
    for (const { body } of await Promise.all(transactions)) {
      const [one, two, read] = (body as { result: unknown }[]).map(({ result }) => Number(result))
      expect([two, read]).toEqual([Number(one) + 1, Number(one) + 1])
    }
    expect((await post('/multi-exec', [['SET', 'discarded', '1'], ['NOSUCH']])).status).toBe(400)
    expect(await post('/', ['EXISTS', 'discarded'])).toEqual({ status: 200, body: { result: 0 } })
    const mixed = await post('/multi-exec', [
      ['SET', 'mixed', 'x'],
      ['INCR', 'mixed'],
    ])
    expect(mixed.body).toEqual([{ result: 'OK' }, { error: expect.stringMatching(/^ERR value/) as string }])
  })

  test('tokens: by header or query, read-only, and none', async () => {
    expect((await fetch(`${upstash.url}/ping?_token=full`)).status).toBe(200)
    expect(await (await fetch(`${upstash.url}/ping`)).json()).toEqual({ error: 'WRONGPASS invalid or missing auth token' })
    expect((await call('/ping', {}, 'wrong')).status).toBe(401)
    expect((await post('/', ['GET', 'json'], 'reader')).status).toBe(200)
    expect(await post('/', ['SET', 'json', '1'], 'reader')).toEqual({
      status: 400,
      body: { error: "NOPERM this user has no permissions to run the 'set' command" },
    })
    expect((await post('/multi-exec', [['DEL', 'json']], 'reader')).status).toBe(400)
    for (const powerful of [
      ['KEYS', '*'],
      ['SCAN', '0'],
      ['CONFIG', 'GET', '*'],
    ])
      expect((await post('/', powerful, 'reader')).status).toBe(400)
    expect((await post('/', ['SCAN', '0', 'COUNT', 1])).status).toBe(200)
    expect((await call('/ping')).headers.get('upstash-sync-token')).toMatch(/./)
  })
})

describe('with the real clients', () => {
  test('@upstash/redis: automatic pipelines, transactions, numbers and objects', async () => {
    const client = new Redis({ url: upstash.url, token: upstash.token, enableTelemetry: false })
    const before = upstash.requests
    await Promise.all([client.set('object', { a: [1, 'zwei', '😀'] }), client.set('number', 7)])
    expect(await Promise.all([client.get('object'), client.get('number'), client.get('none')])).toEqual([{ a: [1, 'zwei', '😀'] }, 7, null])
    expect(upstash.requests - before).toBe(2)
    expect(await client.multi().incr('counter').incr('counter').exec()).toEqual([1, 2])
    expect(await client.pipeline().hset('hash', { field: 'v' }).hgetall('hash').exec()).toEqual([1, { field: 'v' }])
    await expect(client.lpush('number', 'x')).rejects.toThrow('WRONGTYPE')
  })

  test('@upstash/redis: a subscription gets what is published, and its connection ends with it', async () => {
    const client = new Redis({ url: upstash.url, token: upstash.token, enableTelemetry: false })
    const clients = async (): Promise<string | undefined> => /connected_clients:\d+/.exec(await client.exec<string>(['INFO', 'clients']))?.[0]
    const before = await clients()
    const subscriber = client.subscribe<string>(['news'])
    await new Promise((resolve) => subscriber.on('subscribe', resolve))
    const heard = new Promise((resolve) => subscriber.on('message', ({ channel, message }) => resolve([channel, message])))
    await client.publish('news', 'a, b and c')

    expect(await heard).toEqual(['news', 'a, b and c'])
    await subscriber.unsubscribe()
    await expect.poll(clients, { timeout: 3_000 }).toBe(before)
  })

  test('/monitor tells of every command, ends with its client, and is not for a read-only token', async () => {
    const gone = new AbortController()
    const { body, headers } = await call('/monitor', { method: 'POST', signal: gone.signal })
    expect(headers.get('content-type')).toBe('text/event-stream')
    const lines = body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await lines?.read())?.value).toBe('data: "OK"\n\n')
    await post('/', ['SET', 'watched', 'value'])
    expect((await lines?.read())?.value).toMatch(/^data: \d+\.\d+ \[0 127\.0\.0\.1:\d+\] "SET" "watched" "value"\n\n$/)
    gone.abort()
    const monitors = async (): Promise<unknown> => (await post('/', ['INFO', 'clients'])).body
    await expect.poll(monitors, { timeout: 3_000 }).toEqual({ result: expect.stringContaining('connected_clients:1\r\n') as string })
    expect((await call('/monitor', {}, 'reader')).status).toBe(400)
  })

  test('@upstash/ratelimit counts, by its Lua scripts', async () => {
    const client = new Redis({ url: upstash.url, token: upstash.token, enableTelemetry: false })
    const limit = new Ratelimit({ redis: client, limiter: Ratelimit.fixedWindow(2, '1 h'), ephemeralCache: false, analytics: false })
    const outcomes = [await limit.limit('user'), await limit.limit('user'), await limit.limit('user')]

    expect(outcomes.map(({ success }) => success)).toEqual([true, true, false])
    const before = upstash.requests
    await limit.limit('user')
    // By its hash alone: the script is known by now.
    expect(upstash.requests - before).toBe(1)
  })
})

test('an option that does not exist is refused', async () => {
  await expect(startUpstash({ tokken: 'x' } as StartUpstashOptions)).rejects.toThrow(/^tokken: unknown option. Known: redis, token,/)
})

test('a fault that does not exist is refused, and nothing changes', async () => {
  // What a caller without types would do: it must not pass for silence.
  expect(() => upstash.set('404' as '401')).toThrow("set: unknown fault '404'. Known: healthy, noHeaders,")
  expect((await call('/ping')).status).toBe(200)
})

describe('its Redis', () => {
  test('a Redis that says nothing is an error within a second, and one that is back is used again', async () => {
    await using proxy = await faultProxy({ target: redis.url })
    await using gateway = await startUpstash({ redis: proxy.url, token: 't' })
    const ping = (): Promise<Response> => fetch(`${gateway.url}/ping`, { headers: { authorization: 'Bearer t' } })
    expect((await ping()).status).toBe(200)

    await proxy.set('silent')
    const startedAt = Date.now()
    const sick = await ping()
    expect([sick.status, await sick.json()]).toEqual([502, { error: 'ERR the Redis behind this gateway does not answer' }])
    expect(Date.now() - startedAt).toBeLessThan(1_000)

    await proxy.set('refuse')
    expect((await ping()).status).toBe(502)
    await proxy.set('healthy')
    expect((await ping()).status).toBe(200)
  })

  test('a subscription ends when its Redis is gone: nobody waits for messages that cannot come', async () => {
    const own = await startRedis({ binary: 'redis-server' })
    await using gateway = await startUpstash({ redis: own.url, token: 't' })
    const { body } = await fetch(`${gateway.url}/subscribe/news`, { headers: { authorization: 'Bearer t' } })
    const reader = body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('data: subscribe,news,1\n\n')
    await own.stop()
    expect(await reader?.read()).toMatchObject({ done: true })
  })

  test('what it does not know is its own answer, not that of a Redis that is gone', async () => {
    await using embedded = await startRedis({ binary: 'embedded' })
    await using gateway = await startUpstash({ redis: embedded.url, token: 't' })
    for (const path of ['/monitor', '/subscribe/news', '/lpush/key/value']) {
      const response = await fetch(gateway.url + path, { headers: { authorization: 'Bearer t' } })
      expect([response.status, await response.json()]).toEqual([400, { error: expect.stringMatching(/^ERR unknown command/) as string }])
    }
  })

  test('after stop no connection counts as open', async () => {
    const gateway = await startUpstash({ redis: redis.url, token: 't' })
    await (await fetch(`${gateway.url}/ping`, { headers: { authorization: 'Bearer t' } })).text()
    expect(gateway.open).toBe(1)
    await gateway.stop()
    expect(gateway.open).toBe(0)
  })

  test('without a url it brings its own, and stop leaves nothing listening', async () => {
    const gateway = await startUpstash()
    const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = gateway.env
    expect(await new Redis({ url, token, enableTelemetry: false }).ping()).toBe('PONG')
    await gateway.stop()
    await gateway.stop()
    expect(gateway.open).toBe(0)
    await expect(fetch(gateway.url)).rejects.toThrow()
  })

  test('a process that forgets to stop it ends by itself, whatever was asked of it', { timeout: 20_000 }, async () => {
    const program = `
      import { startUpstash } from '${new URL('../../src/testing/index.ts', import.meta.url).href}'
      const { url, token } = await startUpstash()
      const headers = { authorization: 'Bearer ' + token }
      await (await fetch(url + '/set/key/value', { headers })).text()
      console.log('done')`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 10_000 })
    expect(await text(child.stdout)).toBe('done\n')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    expect([child.exitCode, child.signalCode]).toEqual([0, null])
  })
})
