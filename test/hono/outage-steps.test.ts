import { CacheError, createCache } from 'fastmiss'
import { describe, expect, test } from 'vitest'
import { memory } from '../../src/transport/memory/memory.ts'
import type { Connection, Transport } from '../../src/transport/transport.ts'
import { givenApp } from './support/given-app.ts'

const TIMEOUT = 40
const faults = ['unreachable', 'reply', 'slow'] as const

/** Memory whose round trip number `step` goes wrong; the others are well. */
function failingAt(step: number, fault: (typeof faults)[number]) {
  const healthy = memory()
  let trips = 0
  let isHealed = false

  function open(): Connection {
    const connection = healthy.open()
    let isUsable = true
    return {
      close: () => connection.close(),
      get isUsable() {
        return isUsable
      },
      async send(commands, deadlineAt) {
        trips += 1
        if (isHealed || trips !== step) return connection.send(commands, deadlineAt)
        if (fault === 'slow') await new Promise((resolve) => setTimeout(resolve, Math.max(0, deadlineAt - Date.now())))
        const isFatal = fault !== 'reply'
        isUsable = !isFatal
        return commands.map(() => new CacheError(fault === 'slow' ? 'timeout' : fault, 'on purpose', { isFatal, isOutage: isFatal }))
      },
    }
  }
  const transport: Transport = { ...healthy, open }
  return { transport, trips: () => trips, heal: () => (isHealed = true) }
}

/** Everything that reads and writes: a miss, a hit, a variant, a stale one that is refreshed or validated, and what ends them. */
async function run(step: number, fault: (typeof faults)[number], isBackground: boolean) {
  const { transport, trips, heal } = failingAt(step, fault)
  const cache = createCache({ transport, timeout: TIMEOUT, cooldown: 0, maxCooldown: 0 })
  const { ask, settled } = givenApp(
    (c) => {
      const language = c.req.header('accept-language')
      const headers = {
        vary: 'accept-language',
        'cache-tag': 'a',
        'cache-control': c.req.path === '/fresh' ? 'max-age=60' : 'max-age=0, stale-while-revalidate=9',
      }
      return new Response(`${c.req.method} ${c.req.path} ${language}`, { headers })
    },
    { cache, isBackground },
  )
  const visits = [
    ...['/fresh', '/fresh', '/stale', '/stale'].flatMap((path) => ['de', 'en'].map((language) => ['GET', path, language] as const)),
    ['POST', '/fresh', 'de'] as const,
    ['GET', '/fresh', 'de'] as const,
    ['GET', '/fresh', 'de'] as const,
  ]
  const statuses: string[] = []
  for (const [method, path, language] of visits) {
    const startedAt = performance.now()
    const answer = await ask(path, { 'accept-language': language }, method)
    statuses.push(answer.cacheStatus)
    expect(answer).toMatchObject({ status: 200, text: `${method} ${path} ${language}` })
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT * 4 + 1_000)
    await settled()
  }
  const taken = trips()
  heal()
  const after: string[] = []
  for (const _ of [1, 2]) {
    after.push((await ask('/fresh', { 'accept-language': 'en' })).cacheStatus)
    await settled()
  }
  return { trips: taken, statuses, after }
}

describe.each([true, false])('with waitUntil: %s', (isBackground) => {
  test.each(faults)('a Redis that is %s at any one step costs an answer of the handler, never a wrong one', { timeout: 60_000 }, async (fault) => {
    const { trips, statuses } = await run(0, fault, isBackground)
    expect(statuses.filter((status) => status.includes('hit')).length).toBeGreaterThanOrEqual(3)
    expect(trips).toBeGreaterThan(20)
    let degraded = 0
    for (let step = 1; step <= trips; step++) {
      const { statuses: then, after } = await run(step, fault, isBackground)
      if (then.some((status) => status.includes('detail='))) degraded += 1
      // Once Redis is well again, all is as ever.
      expect(after.at(-1), `step ${step}`).toContain('hit')
    }
    // Reads that fail show; writes that fail do not.
    expect(degraded).toBeGreaterThan(5)
  })
})
