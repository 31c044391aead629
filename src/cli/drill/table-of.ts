import { table } from '../terminal/table.ts'
import type { Writer } from '../terminal/writer.ts'
import type { Scene } from './drill.ts'

/** What the columns say. */
const LEGEND: readonly string[] = [
  'first, second: how long the first and the second request under the fault took; each reads and writes',
  'answer: what the read of the first one was told; after a hit or a miss as long as the timeout, the write beside it was not answered',
  'values: how many reads of the key that is there were answered with its value, of those under the fault',
  'connections: attempts to connect while the fault lasted; recovery: from its end to the first real answer',
]

/** What is said of a cluster beside. */
const OF_SHARDS = 'shard: the others while the first one is broken; their keys are asked for in the same turn as its own, and never wait for them'
const OF_COPIES = '+ memory: the same fault with copies in memory, which answer where Redis does not'

/** @returns what is to be said below the table */
export function legendOf(scenes: readonly Scene[]): readonly string[] {
  const hasShards = scenes.some(({ shard }) => shard !== undefined)
  const hasCopies = scenes.some(({ settings }) => settings.memory !== undefined)
  return [...LEGEND, ...(hasShards ? [OF_SHARDS] : []), ...(hasCopies ? [OF_COPIES] : [])]
}

/** @returns the lines of the table: a fault a row, and whether its promises were kept */
export function tableOf(scenes: readonly Scene[], out: Writer): readonly string[] {
  const [heading = '', ...rows] = table([
    ['fault', 'answer', 'first', 'second', 'values', 'connections', 'recovery', 'promises kept?'],
    ...scenes.map((scene) => rowOf(scene, out)),
  ])
  return [out.paint('bold', heading), ...rows]
}

/** @returns the fault, or that it is met with copies; of a shard that is not the broken one, which it is */
export function nameOf({ fault, shard, settings }: Scene): string {
  if (shard !== undefined && shard.number !== 1) return `  shard ${shard.number}`
  return settings.memory === undefined ? fault : '  + memory'
}

function rowOf(scene: Scene, out: Writer): readonly string[] {
  const { firstMs, secondMs, connections, recoveryMs, broken } = scene.verdict
  const kept = broken.length === 0 ? out.paint('green', 'yes') : out.paint('red', `no: ${broken.join(', ')}`)
  // Named, so that a verdict after a second look is known for one.
  const looks = scene.tries === 1 ? '' : ` (rehearsed ${scene.tries} times: this machine was busy)`
  return [nameOf(scene), answerOf(scene), inMs(firstMs), inMs(secondMs), valuesOf(scene), String(connections), inMs(recoveryMs), kept + looks]
}

/** How many reads of the key that is there got its value under the fault, of all of them. */
function valuesOf({ answers, mendedAt }: Scene): string {
  const reads = answers.filter(({ key, startedAt }) => key === 'present' && startedAt >= 0 && startedAt < mendedAt)
  return `${reads.filter(({ status }) => status === 'hit').length} of ${reads.length}`
}

/** What the first request under the fault was told. */
export function answerOf({ answers }: Pick<Scene, 'answers'>): string {
  const first = answers.find(({ startedAt }) => startedAt >= 0)
  if (first === undefined) return 'none'
  return first.from === 'memory' ? `${first.status} from memory` : (first.reason ?? first.status)
}

/** @returns whole ms, below ten with a decimal; a dash for what was never seen */
export function inMs(ms: number | undefined): string {
  if (ms === undefined) return '–'
  return `${ms < 9.95 ? ms.toFixed(1) : Math.round(ms).toString()} ms`
}
