import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { faultProxy, startRedis, startUpstash } from 'fastmiss/testing'
import { Miniflare, Response } from 'miniflare'
import { describe, expect, test } from 'vitest'
import { bundleWorker } from '../../workers/local/bundle.ts'

const WORKER = fileURLToPath(new URL('support/isolate-worker.ts', import.meta.url))
const WAVES = 10
const WAVE = 20
const TIMEOUT = 2_000
const COOLDOWN = 5_000

/** What one request of the Worker answers. */
interface Told {
  readonly id: string
  readonly stored: boolean
  readonly answers: readonly string[]
  readonly own?: { readonly id: string }
  readonly many: readonly unknown[]
}

/**
 * A Worker in front, which passes requests on, and gives up those to `/leave/…` when `LEAVE` says so: miniflare itself does not
 * tell a Worker that its client hung up, another Worker does.
 */
const FRONT = `export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url)
    if (!pathname.startsWith('/leave')) return env.CACHE.fetch(request)
    const client = new AbortController()
    const answer = env.CACHE.fetch('http://cache' + pathname.slice('/leave'.length), { signal: client.signal }).catch(() => {})
    await env.LEAVE.fetch('http://leave')
    client.abort()
    await answer
    return new Response('left')
  }
}`

/** A Worker whose cache lives as long as its isolate, before a Redis that can be broken. */
async function startIsolate(wire: 'tcp' | 'http', timeout = TIMEOUT, flags: readonly string[] = []) {
  const redis = await startRedis()
  const proxy = await faultProxy({ target: redis.url })
  const gateway = await startUpstash({ redis: redis.url })
  let logged = ''
  let leave = (): void => {}
  const left = new Promise<void>((resolve) => (leave = resolve))
  const dates = { compatibilityDate: '2026-07-30' }
  const worker = new Miniflare({
    handleRuntimeStdio(stdout: Readable, stderr: Readable) {
      for (const stream of [stdout, stderr]) stream.on('data', (chunk) => (logged += String(chunk)))
    },
    workers: [
      {
        ...dates,
        name: 'front',
        modules: [{ type: 'ESModule', path: 'front.js', contents: FRONT }],
        serviceBindings: { CACHE: 'cache', LEAVE: async () => left.then(() => new Response()) },
      },
      {
        ...dates,
        name: 'cache',
        compatibilityFlags: ['nodejs_compat', ...flags],
        modules: [{ type: 'ESModule', path: 'worker.js', contents: await bundleWorker(WORKER) }],
        bindings: { TIMEOUT: String(timeout), COOLDOWN: String(COOLDOWN), ...(wire === 'tcp' ? { REDIS_URL: proxy.url } : gateway.env) },
      },
    ],
  })
  const { origin } = await worker.ready
  return {
    origin,
    logged: () => logged,
    leave: () => leave(),
    ask: async (path: string): Promise<Told> => {
      const response = await fetch(origin + path)
      const text = await response.text()
      if (!response.ok) throw new Error(`the Worker answered ${response.status}: ${text}`)
      return JSON.parse(text) as Told
    },
    silence: async () => {
      gateway.set('noHeaders')
      await proxy.set('silent')
    },
    heal: async () => {
      gateway.set('healthy')
      await proxy.set('healthy')
    },
    /** Connections over TCP, requests over HTTP. */
    attempts: () => (wire === 'tcp' ? proxy.counters.connections : gateway.requests),
    open: () => (wire === 'tcp' ? proxy.counters.open : gateway.open),
    async [Symbol.asyncDispose]() {
      await worker.dispose()
      await gateway.stop()
      await proxy.stop()
      await redis.stop()
    },
  }
}

/** Waves of requests at once, half of them on the cache itself and half in an invocation. */
async function waves(ask: (path: string) => Promise<Told>, waveCount = WAVES): Promise<Told[]> {
  const told: Told[] = []
  for (let wave = 0; wave < waveCount; wave += 1) {
    const paths = Array.from({ length: WAVE }, (_, index) => `/${index % 2 === 0 ? 'root' : 'invocation'}/${wave}-${index}`)
    told.push(...(await Promise.all(paths.map(ask))))
  }
  return told
}

describe.each(['tcp', 'http'] as const)('one cache for all requests of an isolate, over %s', { timeout: 60_000 }, (wire) => {
  test('200 requests in waves of 20: each has its own answers, and no I/O of another request', async () => {
    await using isolate = await startIsolate(wire)
    await isolate.ask('/root/shared')
    const told = await waves(isolate.ask)

    expect(told).toHaveLength(WAVES * WAVE)
    for (const { id, ...rest } of told) {
      expect(rest).toEqual({ stored: true, answers: ['hit', 'hit'], own: { id }, many: [{ id }, null] })
    }
    expect(isolate.logged()).not.toMatch(/different request|hung|hang/i)
    if (wire === 'tcp') await expect.poll(isolate.open).toBe(0)
  })

  test('an outage that one request met is known to those that follow, and over for all of them', async () => {
    await using isolate = await startIsolate(wire, 500)
    await isolate.ask('/root/shared')
    await isolate.silence()
    const before = isolate.attempts()
    const told = await waves(isolate.ask)
    const answers = told.flatMap((one) => one.answers)

    expect(told.filter(({ stored }) => stored)).toEqual([])
    // The first wave is under way before anybody can know; nobody else tries.
    expect(isolate.attempts() - before).toBeLessThanOrEqual(WAVE)
    expect(answers.filter((answer) => answer.startsWith('cooldown')).length).toBeGreaterThanOrEqual(2 * (WAVES - 1) * WAVE)
    expect(answers.filter((answer) => !/^(cooldown|timeout): /.test(answer))).toEqual([])
    expect(isolate.logged()).not.toMatch(/different request|hung|hang/i)

    await isolate.heal()
    const healed = isolate.attempts()
    await expect.poll(async () => (await isolate.ask('/root/after')).answers, { timeout: 2 * COOLDOWN, interval: 250 }).toEqual(['hit', 'hit'])
    // The probe, and what its request asked after it.
    expect(isolate.attempts() - healed).toBeLessThanOrEqual(3)
    expect((await waves(isolate.ask, 1)).every(({ stored }) => stored)).toBe(true)
  })

  test.each([
    ['by the end of its context', []],
    ['by its signal', ['enable_request_signal']],
  ])('a request whose client goes away, told %s, leaves nothing open, and the next one finds a cache that works', async (_, flags) => {
    await using isolate = await startIsolate(wire, 10_000, flags)
    await isolate.ask('/root/shared')
    await isolate.silence()
    const before = isolate.attempts()
    const clients = Array.from({ length: WAVE }, (_, index) =>
      fetch(`${isolate.origin}/leave/${index % 2 === 0 ? 'root' : 'invocation'}/gone-${index}`),
    )
    await expect.poll(() => isolate.attempts() - before, { timeout: 5_000 }).toBe(WAVE)
    isolate.leave()
    // Long before the timeout of ten seconds.
    await expect.poll(isolate.open, { timeout: 3_000 }).toBe(0)
    for (const answer of await Promise.all(clients)) expect(await answer.text()).toBe('left')

    await isolate.heal()
    // Whoever went away said nothing about Redis: there is no cooldown to wait for.
    expect(await isolate.ask('/root/next')).toMatchObject({ stored: true, answers: ['hit', 'hit'] })
    expect(isolate.logged()).not.toMatch(/different request/i)
  })
})
