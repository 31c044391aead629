import { faultProxy } from 'fastmiss/testing'
import { runChild } from '../lib/child.ts'
import type { CaseResult, Fact, Limit } from '../lib/report.ts'

const CHILD = new URL('../lib/endurance-child.ts', import.meta.url)
const WITH_COOLDOWN = 1_000_000
const WITHOUT = 20_000
const MOST_GROWTH = 2

/** What one run leaves behind. */
interface Endured {
  readonly growthBytes: number
  readonly left: readonly string[]
  readonly listeners: number
  readonly seconds: number
  readonly degraded: number
}

/** What a million operations against a Redis that is away leave behind, each in a process of its own. */
export async function endurance(_rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using proxy = await faultProxy({ target: 'redis://127.0.0.1:1' })
  const rows: Fact[] = []
  const limits: Limit[] = []
  let done = 0
  for (const fault of ['refuse', 'silent'] as const) {
    await proxy.set(fault)
    for (const cooldown of ['on', 'off'] as const) {
      const operations = cooldown === 'on' ? WITH_COOLDOWN : WITHOUT
      const { growthBytes, left, listeners, seconds, degraded } = (await runChild(
        CHILD,
        ['--expose-gc'],
        [proxy.url, cooldown, String(operations)],
      )) as Endured
      if (degraded !== operations) throw new Error(`expected ${operations} degraded answers, got ${degraded}`)
      const name = `${fault === 'refuse' ? 'refused' : 'silent'}, cooldown ${cooldown}, ${operations.toLocaleString('en')} operations`
      const megabytes = growthBytes / 1_048_576
      rows.push({
        name,
        value: megabytes,
        unit: `MB more on the heap, ${left.length} sockets and timers, ${listeners} listeners left; ${seconds.toFixed(1)} s`,
      })
      limits.push({ name: `${name}: heap, MB`, measured: megabytes, atMost: MOST_GROWTH })
      limits.push({ name: `${name}: sockets, timers and listeners`, measured: left.length + listeners, atMost: 0 })
      onRound((done += 1))
    }
  }
  return {
    title: 'A Redis that is away for long',
    unit: 'after a full collection, against the same process after its first operations',
    rows,
    limits,
  }
}
