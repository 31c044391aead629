import { afterAll, describe, expect, test } from 'vitest'
import { nodeRuntime } from './support/node-runtime.ts'
import type { FaultRow, Outage } from './support/outage.ts'
import type { Runtime } from './support/runtime.ts'
import { SECRETS } from './support/secrets.ts'
import type { StepName, Told } from './support/subject.ts'
import { startTcpOutage } from './support/tcp-outage.ts'
import { workerdRuntime } from './support/workerd-runtime.ts'

const workerd = workerdRuntime('workerd')
afterAll(() => workerd[Symbol.asyncDispose]())

const RUNTIMES: readonly Runtime[] = [
  nodeRuntime('Node, a connection an invocation', {}, false),
  nodeRuntime('Node, a kept connection', { connection: 'reuse' }, true),
  workerd,
]

/** No fault at all: a healthy Redis must not be taken for a sick one because we are busy. */
describe.each(RUNTIMES)('$name', { timeout: 60_000 }, (runtime) => {
  test('keyv #2068: fifty writes before the connection is ready are all stored, over one connection', async () => {
    // A connection that takes its time makes the window wide.
    await using outage = await startTcpOutage({ break: ({ proxy }) => proxy.set('latency', { delay: 30 }) })
    await outage.break()
    const { writes, dials, said } = await play(runtime, outage, 'fifty', 5_000)
    expect(Object.values(writes)).toEqual(Array.from({ length: 50 }, () => true))
    const stored = await Promise.all(Object.keys(writes).map((key) => outage.raw('GET', key)))
    expect(stored.filter((text) => String(text).includes(SECRETS.value))).toHaveLength(50)
    expect([outage.attempts, dials]).toEqual([1, 1])
    expect(said.filter((text) => text.includes('CacheError'))).toEqual([])
  })

  test('an event loop that is blocked for longer than the timeout while replies wait is no outage', async () => {
    await using outage = await startTcpOutage({ break: () => Promise.resolve() })
    await outage.raw('SET', SECRETS.key, JSON.stringify({ value: SECRETS.value }))
    const { answers, dials, said } = await play(runtime, outage, 'blocked', 250)
    expect(answers.map(({ status, reason }) => reason ?? status)).toEqual(Array.from({ length: 5 }, () => 'hit'))
    for (const { ms } of answers) expect(ms).toBeLessThan(2_000)
    expect([outage.attempts, dials]).toEqual([1, 1])
    expect(said.filter((text) => text.includes('cooldown'))).toEqual([])
  })
})

async function play(runtime: Runtime, outage: Outage, step: StepName, timeout: number): Promise<Told> {
  const expected = { read: 'hit', write: true, isRemembered: false } as const
  const row: FaultRow = { name: step, onset: 'cold', start: () => Promise.resolve(outage), timeout, expected }
  await using stage = await runtime.start(row, outage, () => Promise.reject(new Error('nobody asks')))
  return await stage.step(step)
}
