import { getEventListeners } from 'node:events'
import { createCache } from 'fastmiss'

/** `node --expose-gc endurance-child.ts URL on|off OPERATIONS`: prints what is left, as one line of JSON. */
const [url = '', cooldown = '', operations = ''] = process.argv.slice(2)
const isRemembered = cooldown === 'on'
const total = Number(operations)
/** The memory of an outage makes an answer cheap; without it each operation has a connection of its own. */
const AT_ONCE = isRemembered ? 1_000 : 50

const cache = createCache({ url, timeout: 25, ...(isRemembered ? {} : { cooldown: 0, maxCooldown: 0 }) })
const { signal } = new AbortController()
let degraded = 0

await cache.preload()
await play(AT_ONCE * 20)
degraded = 0
const before = await settledHeap()
const startedAt = performance.now()
await play(total)
const seconds = (performance.now() - startedAt) / 1_000
const after = await settledHeap()
console.log(
  JSON.stringify({
    growthBytes: after - before,
    left: process.getActiveResourcesInfo().filter((resource) => !/Pipe|TTY|FSReq/.test(resource)),
    listeners: getEventListeners(signal, 'abort').length,
    seconds,
    degraded,
  }),
)

async function play(count: number): Promise<void> {
  for (let done = 0; done < count; done += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, isRemembered ? lookup : invoke))
}

async function lookup(): Promise<void> {
  if ((await cache.lookup('key')).status === 'degraded') degraded += 1
}

async function invoke(): Promise<void> {
  await using invocation = cache.invocation({ signal })
  if ((await invocation.lookup('key')).status === 'degraded') degraded += 1
}

/** What was closed a moment ago is let go of a few turns later. */
async function settledHeap(): Promise<number> {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}
