import { type LocalCluster, type LocalSentinel, startCluster, startSentinel } from 'fastmiss/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCase, runtimes } from './support/runtime.ts'

let cluster: LocalCluster
let watched: LocalSentinel
beforeAll(async () => {
  ;[cluster, watched] = await Promise.all([startCluster({ replicas: 0 }), startSentinel({ sentinels: 1 })])
})
afterAll(() => Promise.all([cluster.stop(), watched.stop()]))

/** ms; a busy machine is let off, a connection that holds the process for seconds is not. */
const EXIT_MS = 1_000

describe.each(runtimes)('$name', { timeout: 30_000 }, (runtime) => {
  test('stores and reads over a cluster and by sentinels, and the process ends', async () => {
    const ofCluster = await runCase(runtime, 'values', { url: cluster.url })
    const ofSentinels = await runCase(runtime, 'values', { url: watched.url })
    expect([ofCluster.result, ofSentinels.result]).toEqual([
      { status: 'ok', transport: 'cluster' },
      { status: 'ok', transport: 'sentinel' },
    ])
    expect(Math.max(ofCluster.exitMs, ofSentinels.exitMs)).toBeLessThan(EXIT_MS)
  })

  test('seeds and sentinels that nobody listens at are one bounded attempt each, remembered, and the process ends', async () => {
    for (const url of ['redis+cluster://127.0.0.1:1,127.0.0.1:2', 'redis+sentinel://127.0.0.1:1,127.0.0.1:2/mymaster']) {
      const { result, exitMs } = await runCase(runtime, 'outage', { url })
      const { reasons, wasStored } = result as { readonly reasons: readonly string[]; readonly wasStored: boolean }
      expect([reasons, wasStored]).toEqual([['unreachable', 'cooldown'], false])
      expect(exitMs).toBeLessThan(EXIT_MS)
    }
  })
})
