import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { faultProxy, type Fault, type GatewayFault, type LocalRedis, startRedis, startUpstash } from 'fastmiss/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCase, runtimes } from './support/runtime.ts'

let redis: LocalRedis
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

/** ms; a busy machine is let off, an idle pool that holds the process for seconds is not. */
const EXIT_MS = 1_000

describe.each(runtimes)('$name', { timeout: 30_000 }, (runtime) => {
  test.each<[Fault, string]>([
    ['refuse', 'unreachable'],
    ['blackhole', 'timeout'],
    ['silent', 'timeout'],
    ['reset', 'unreachable'],
    ['garbage', 'protocol'],
  ])('a Redis that is sick by %s is one bounded attempt over TCP, remembered, and the process ends', async (fault, reason) => {
    await using proxy = await faultProxy({ target: redis.url })
    await proxy.set(fault)
    const { result, exitMs } = await runCase(runtime, 'outage', { url: proxy.url })
    expectOutage(result, reason)
    expect(exitMs).toBeLessThan(EXIT_MS)
    // A refused or dropped connection is none that the proxy could see.
    expect(proxy.counters.connections).toBe(fault === 'refuse' || fault === 'blackhole' ? 0 : 1)
    await proxy.until(({ open }) => open === 0)
  })

  test.each<[GatewayFault, string]>([
    ['noHeaders', 'timeout'],
    ['bodyStops', 'timeout'],
    ['reset', 'unreachable'],
    ['500', 'reply'],
    ['html', 'protocol'],
    ['redirectLoop', 'protocol'],
  ])('a gateway that is sick by %s is one bounded request, remembered, and the process ends', async (fault, reason) => {
    await using upstash = await startUpstash({ redis: redis.url })
    upstash.set(fault)
    const { result, exitMs } = await runCase(runtime, 'outage', { url: upstash.url, token: upstash.token })
    expectOutage(result, reason)
    expect(exitMs).toBeLessThan(EXIT_MS)
    expect(upstash.requests).toBe(1)
  })

  test.each(['tcp', 'rest'] as const)('copies in memory answer in an outage over %s, a stale one too, and the process ends', async (wire) => {
    await using upstash = await startUpstash({ redis: redis.url })
    await using proxy = await faultProxy({ target: redis.url })
    const fall = async (): Promise<void> => (wire === 'tcp' ? proxy.set('silent') : upstash.set('noHeaders'))
    const control = createServer((_, response) => void fall().then(() => response.setHeader('connection', 'close').end()))
    await once(control.listen(0, '127.0.0.1'), 'listening')
    const place = wire === 'tcp' ? { url: proxy.url } : { url: upstash.url, token: upstash.token }
    const { result, exitMs } = await runCase(runtime, 'copies', { ...place, control: `http://127.0.0.1:${(control.address() as AddressInfo).port}/` })
    control.close()
    expect(result).toEqual([
      ['hit', 'memory', ''],
      ['hit', 'memory', 'timeout'],
      ['stale', 'memory', 'cooldown'],
      ['degraded', '', 'cooldown'],
    ])
    expect(exitMs).toBeLessThan(EXIT_MS)
  })

  test("stores responses, and answers from them, behind the runtime's own server", async () => {
    const { result } = await runCase(runtime, 'responses', { url: redis.url })
    expect(result).toEqual([
      [200, 'fwd=uri-miss', 'call 1'],
      [200, 'hit', 'call 1'],
      [200, 'fwd=vary-miss', 'call 2'],
      [304, 'hit', ''],
      [206, 'hit', '1'],
      [200, 'hit', ''],
      [200, 'fwd=uri-miss', 256],
      [200, 'hit', 256],
    ])
  })

  test('fastmiss/testing starts its servers, breaks them and ends them', async () => {
    const { result, exitMs } = await runCase(runtime, 'testing')
    expect(result).toEqual({ reasons: ['timeout', 'reply'], requests: 4, open: 0 })
    expect(exitMs).toBeLessThan(EXIT_MS)
  })

  test('servers of fastmiss/testing that nobody stops do not keep the process', async () => {
    const { result } = await runCase(runtime, 'forgotten')
    expect(result).toBe(true)
  })
})

function expectOutage(result: unknown, reason: string): void {
  const { reasons, firstMs, secondMs, burstMs, wasStored } = result as {
    readonly reasons: readonly string[]
    readonly firstMs: number
    readonly secondMs: number
    readonly burstMs: number
    readonly wasStored: boolean
  }
  expect(reasons).toEqual([reason, 'cooldown'])
  expect(firstMs).toBeLessThan(600)
  expect(secondMs).toBeLessThan(50)
  expect(burstMs).toBeLessThan(500)
  expect(wasStored).toBe(false)
}
