import { faultProxy, type LocalRedis, type LocalUpstash, startRedis, startUpstash } from 'fastmiss/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { holdTable } from '../support/hold-table.ts'
import { type InstalledProject, installedProject } from '../package/support/installed.ts'
import type { Places } from './everywhere/places.ts'
import { type Listed, packedRuntimes } from './support/packed.ts'
import { rowsOf, type Seen } from './support/table.ts'

/** ms; a busy machine is let off, a pool that keeps idle connections for four seconds and more is not. */
const EXIT_MS = 2_000

let redis: LocalRedis
let upstash: LocalUpstash
let project: InstalledProject
beforeAll(async () => {
  redis = await startRedis()
  ;[upstash, project] = await Promise.all([startUpstash({ redis: redis.url }), installedProject(['hono', 'keyv'])])
}, 60_000)
afterAll(async () => {
  await upstash.stop()
  await Promise.all([redis.stop(), project[Symbol.asyncDispose]()])
})

const seen: Seen[] = []
let attempts = 0

test.for(packedRuntimes)('the packed package keeps its word in $name', { timeout: 60_000 }, async (runtime, { skip }) => {
  if (!runtime.isHere) {
    if (process.env['CI'] !== undefined) throw new Error(`In CI nothing may be missing: ${runtime.name}`)
    skip(`${runtime.name} is not here: npm run peers, where npm has it for this machine`)
  }
  await using tcp = await doors(redis.url)
  await using rest = await doors(upstash.url)
  // Tried once more, it finds nothing of the first time.
  attempts += 1
  const places: Places = { namespace: `${runtime.name}-${attempts}`, tcp: tcp.urls, rest: rest.urls, token: upstash.token }
  const listed = await runtime.run(project.folder, places, () =>
    Promise.all([tcp.healthy, tcp.silent, rest.silent].map((proxy) => proxy.until(({ open }) => open === 0))),
  )
  expect(wrongIn(listed)).toEqual([])
  for (const row of Object.values(listed.report)) expect(Object.keys(row)).toEqual(runtime.wires)
  // One attempt in the whole outage, on each wire that the runtime has. The fetch of `edge-runtime` opens a connection anew when a
  // request on it was aborted, and asks nothing on it: what counts over REST is requests.
  const requests = rest.silent.events.filter(({ type }) => type === 'request')
  expect([tcp.silent.counters.connections, requests.length]).toEqual([runtime.wires.includes('TCP') ? 1 : 0, 1])
  if (listed.exitMs !== undefined) expect(listed.exitMs).toBeLessThan(EXIT_MS)
  seen.push({ ...runtime, listed })
})

test('the README says which runtime was seen to do what', async (context) => {
  // Where one is not here, or failed, there is nothing to compare.
  if (seen.length < packedRuntimes.length) return context.skip()
  await holdTable('README.md', 'test/runtimes/packed.test.ts', rowsOf(seen))
})

/** Every case that was not well, with what was wrong. */
function wrongIn({ report, warnings, isRequired }: Listed): string[] {
  const cells = Object.entries(report).flatMap(([title, row]) => Object.entries(row).map(([wire, outcome]) => ({ title, wire, outcome })))
  return [
    ...cells.filter(({ outcome }) => outcome !== 'ok').map(({ title, wire, outcome }) => `${title}, ${wire}: ${outcome}`),
    ...(warnings === '' ? [] : [`printed: ${warnings}`]),
    ...(isRequired === false ? ['require did not find it'] : []),
  ]
}

/** A way through to a server, one that refuses and one that is silent. */
async function doors(target: string) {
  const [healthy, refusing, silent] = await Promise.all([faultProxy({ target }), faultProxy({ target }), faultProxy({ target })])
  await Promise.all([refusing.set('refuse'), silent.set('silent')])
  return {
    healthy,
    silent,
    urls: { healthy: healthy.url, refusing: refusing.url, silent: silent.url },
    [Symbol.asyncDispose]: async () => void (await Promise.all([healthy, refusing, silent].map((proxy) => proxy.stop()))),
  }
}
