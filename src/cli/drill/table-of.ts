import { table } from '../terminal/table.ts'
import type { Writer } from '../terminal/writer.ts'
import type { Scene } from './drill.ts'

/** What the columns say. */
export const LEGEND: readonly string[] = [
  'first, second: how long the first and the second request under the fault took; each reads and writes',
  'answer: what the read of the first one was told; after a hit or a miss as long as the timeout, the write beside it was not answered',
  'connections: attempts to connect while the fault lasted; recovery: from its end to the first real answer',
]

/** What is said of a cluster beside. */
export const SHARDS_LEGEND =
  'shard: the others while the first one is broken; their keys are asked for in the same turn as its own, and never wait for them'

/** @returns the lines of the table: a fault a row, and whether its promises were kept */
export function tableOf(scenes: readonly Scene[], out: Writer): readonly string[] {
  const [heading = '', ...rows] = table([
    ['fault', 'answer', 'first', 'second', 'connections', 'recovery', 'promises kept?'],
    ...scenes.map((scene) => rowOf(scene, out)),
  ])
  return [out.paint('bold', heading), ...rows]
}

/** @returns the fault; of a shard that is not the broken one, which it is */
export function nameOf({ fault, shard }: Pick<Scene, 'fault' | 'shard'>): string {
  return shard === undefined || shard.number === 1 ? fault : `  shard ${shard.number}`
}

function rowOf(
  { fault, shard, verdict: { firstMs, secondMs, connections, recoveryMs, broken }, tries, ...rest }: Scene,
  out: Writer,
): readonly string[] {
  const kept = broken.length === 0 ? out.paint('green', 'yes') : out.paint('red', `no: ${broken.join(', ')}`)
  // Named, so that a verdict after a second look is known for one.
  const looks = tries === 1 ? '' : ` (rehearsed ${tries} times: this machine was busy)`
  return [
    nameOf({ fault, ...(shard && { shard }) }),
    answerOf(rest),
    inMs(firstMs),
    inMs(secondMs),
    String(connections),
    inMs(recoveryMs),
    kept + looks,
  ]
}

/** What the first request under the fault was told. */
export function answerOf({ answers }: Pick<Scene, 'answers'>): string {
  const first = answers.find(({ startedAt }) => startedAt >= 0)
  return first === undefined ? 'none' : (first.reason ?? first.status)
}

/** @returns whole ms, below ten with a decimal; a dash for what was never seen */
export function inMs(ms: number | undefined): string {
  if (ms === undefined) return '–'
  return `${ms < 9.95 ? ms.toFixed(1) : Math.round(ms).toString()} ms`
}
