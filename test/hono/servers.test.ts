import { faultProxy, startRedis } from 'fastmiss/testing'
import { describe, expect, test } from 'vitest'
import { onNode, onWorkerd, type Served } from './support/served.ts'
import { testApp } from './support/worker.ts'

async function behindProxy(serve: (url: string) => Promise<Served>) {
  const redis = await startRedis()
  const proxy = await faultProxy({ target: redis.url })
  const served = await serve(proxy.url)
  return {
    proxy,
    ask: async (path: string) => (await fetch(served.origin + path)).text(),
    fetch: (path: string, init?: RequestInit) => fetch(served.origin + path, init),
    async [Symbol.asyncDispose]() {
      await served.stop()
      await proxy.stop()
      await redis.stop()
    },
  }
}

describe.each<[name: string, serve: (url: string) => Promise<Served>]>([
  ['workerd', (url) => onWorkerd('worker.ts', url)],
  ['@hono/node-server', (url) => onNode(testApp(), url)],
])('cacheContext on %s', { timeout: 60_000 }, (_name, serve) => {
  test('requests at once in one isolate share the cache and no connection', async () => {
    await using given = await behindProxy(serve)
    for (let wave = 0; wave < 10; wave++) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => given.ask('/lookup')))
      expect(answers).toEqual(answers.map(() => '{"status":"miss"}'))
    }
    await given.proxy.until(({ open }) => open === 0)
    expect(given.proxy.counters.connections).toBe(200)
    expect(await given.ask('/made')).toBe('1')
  })

  test('an outage is remembered from one request to the next', async () => {
    await using given = await behindProxy(serve)
    await given.ask('/lookup')
    await given.proxy.set('refuse')
    expect(JSON.parse(await given.ask('/lookup'))).toMatchObject({ status: 'degraded', reason: 'unreachable' })
    expect(JSON.parse(await given.ask('/lookup'))).toMatchObject({ status: 'degraded', reason: 'cooldown' })
  })

  test('a write that the handler did not await is stored', async () => {
    await using given = await behindProxy(serve)
    expect(await given.ask('/late')).toBe('ok')
    await given.proxy.until(({ open, connections }) => connections === 1 && open === 0)
    expect(JSON.parse(await given.ask('/lookup'))).toMatchObject({ status: 'hit', value: 'late' })
  })

  test('a streamed body uses the cache until its last byte, over one connection', async () => {
    await using given = await behindProxy(serve)
    expect(await given.ask('/stream')).toBe('0;1;2;')
    await given.proxy.until(({ open }) => open === 0)
    expect(given.proxy.counters.connections).toBe(1)
  })

  test('the response of a handler without the cache keeps its length', async () => {
    await using given = await behindProxy(serve)
    const response = await given.fetch('/text', { headers: { 'accept-encoding': 'identity' } })
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['4', 'text'])
    expect(given.proxy.counters.connections).toBe(0)
  })

  test('a streamed body that first uses the cache when the handler is done leaves no connection', async () => {
    await using given = await behindProxy(serve)
    expect(await given.ask('/later')).toBe('first;true;true;')
    await given.proxy.until(({ open, connections }) => connections > 0 && open === 0)
    expect(given.proxy.counters.connections).toBeLessThanOrEqual(2)
  })

  test('a write that a streamed body begins last, and does not await, is stored', async () => {
    await using given = await behindProxy(serve)
    expect(await given.ask('/latest')).toBe('ok')
    await given.proxy.until(({ open, connections }) => connections === 1 && open === 0)
    expect(JSON.parse(await given.ask('/lookup'))).toMatchObject({ status: 'hit', value: 'latest' })
  })

  test('a client that leaves during a streamed body leaves no connection', async () => {
    await using given = await behindProxy(serve)
    const client = new AbortController()
    const { body } = await given.fetch('/endless', { signal: client.signal })
    await body?.getReader().read()
    client.abort()
    await given.proxy.until(({ open, connections }) => connections === 1 && open === 0)
  })

  test('a client that leaves while Redis is silent leaves no connection', async () => {
    await using given = await behindProxy(serve)
    await given.ask('/lookup')
    await given.proxy.set('silent')
    const client = new AbortController()
    const answer = given.fetch('/lookup', { signal: client.signal }).catch(() => 'left')
    await given.proxy.until(({ connections }) => connections === 2)
    client.abort()
    expect(await answer).toBe('left')
    await given.proxy.until(({ open }) => open === 0)
  })
})
