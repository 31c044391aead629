import { fileURLToPath } from 'node:url'
import { freePort } from '../../src/testing/free-port.ts'
import { startRedis } from 'fastmiss/testing'
import { type Measure, ratios } from '../lib/pairs.ts'
import type { CaseResult } from '../lib/report.ts'
import { type MeasuredServer, startMeasured } from '../lib/server-cpu.ts'

const RESPONSES = 4_000
/** Each server's first responses, compiled as they come, cost up to four times what the later ones do. */
const WARM_UP = 40_000
/** How much of the time that is. */
const WARM_UP_PART = 0.3
const CONNECTIONS = 32
const BASELINE = 'plain Hono'
const NOTHING = 'a middleware that does nothing'
const HEADER = 'a middleware that adds a header'
const SERVER = fileURLToPath(new URL('../lib/response-server.ts', import.meta.url))

/** CPU of the server per cached response of about 1 kB, over HTTP/1.1. */
export async function responseCache(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using redis = await startRedis()
  const kinds: Record<string, readonly string[]> = {
    [BASELINE]: ['plain'],
    [NOTHING]: ['smallest'],
    [HEADER]: ['header'],
    'fastmiss, memory': ['fastmiss', 'memory:'],
    'fastmiss, Redis over TCP': ['fastmiss', redis.url],
    'fastmiss, Redis gone': ['fastmiss', `redis://127.0.0.1:${await freePort()}`],
    'ocache, memory': ['ocache'],
    'fastmiss, cacheContext, not used': ['context', redis.url],
  }
  const servers: Record<string, MeasuredServer> = {}
  try {
    for (const [name, args] of Object.entries(kinds)) servers[name] = await startMeasured(SERVER, args)
    await assertAnswers(servers)
    const calls = await callsOfFifty(redis.url)
    // All of them as often: the baseline is measured beside each of the others, and would be warm long before they are.
    for (const [index, server] of Object.values(servers).entries()) {
      onRound((rounds * WARM_UP_PART * index) / Object.keys(servers).length)
      await server.cpuPerResponse('/items', WARM_UP, CONNECTIONS)
    }
    const measures: Record<string, Measure> = Object.fromEntries(
      Object.entries(servers).map(([name, server]) => [name, () => server.cpuPerResponse('/items', RESPONSES, CONNECTIONS)]),
    )
    const rows = await ratios(measures, BASELINE, rounds, (done) => onRound(rounds * WARM_UP_PART + done * (1 - WARM_UP_PART)))
    const ratioOf = (name: string): number => rows.find((row) => row.name === name)?.ratio ?? Number.NaN
    return {
      title: `A cached response, ${CONNECTIONS} connections, one process`,
      unit: `server CPU per response; ${BASELINE} = 1 (quartiles; µs)`,
      rows,
      limits: [
        { name: 'a hit in memory against plain Hono', measured: ratioOf('fastmiss, memory'), atMost: 1.3 },
        // What any middleware costs depends on the machine; this part is ours.
        { name: 'a hit in memory against a middleware that does nothing', measured: ratioOf('fastmiss, memory') / ratioOf(NOTHING), atMost: 1.3 },
        { name: 'a hit in memory against ocache', measured: ratioOf('fastmiss, memory') / ratioOf('ocache, memory'), atMost: 1 },
        // Cache-Status is on every response: nobody can do less in an outage than to add it.
        { name: 'handler calls of 50 concurrent misses over TCP, with collapse', measured: calls, atMost: 2 },
        { name: 'Redis gone, against a middleware that adds a header', measured: ratioOf('fastmiss, Redis gone') / ratioOf(HEADER), atMost: 1.1 },
      ],
    }
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()))
  }
}

/** One cold key, asked for by fifty at once. */
async function callsOfFifty(url: string): Promise<number> {
  const server = await startMeasured(SERVER, ['collapse', url])
  try {
    await server.ask('/warm')
    const before = Number((await server.ask('/calls')).text)
    await Promise.all(Array.from({ length: 50 }, () => server.ask('/cold')))
    return Number((await server.ask('/calls')).text) - before
  } finally {
    await server.stop()
  }
}

/** A cache that does not hit would be measured as one that does. */
async function assertAnswers(servers: Readonly<Record<string, MeasuredServer>>): Promise<void> {
  const expected = (await servers[BASELINE]?.ask('/items'))?.text
  for (const [name, server] of Object.entries(servers)) {
    await server.ask('/items')
    const { text, headers } = await server.ask('/items')
    const status = [headers['cache-status']].join()
    if (text !== expected) throw new Error(`${name}: another body`)
    const wanted = name.endsWith('gone') ? 'detail=cooldown' : 'hit'
    if (name.startsWith('fastmiss') && !name.includes('cacheContext') && !status.includes(wanted))
      throw new Error(`${name}: expected ${wanted}, got ${status}`)
  }
}
