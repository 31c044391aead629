import { CLUSTER_CLIENTS, type Seeds } from './clients.ts'
import type { Came } from './results.ts'

/** What the process of one library is asked for, as its only argument, in JSON. */
export interface FailoverOrder {
  /** Its place in `CLUSTER_CLIENTS`. */
  readonly client: number
  readonly seeds: Seeds
  readonly live: readonly string[]
  readonly dead: readonly string[]
  /** ms */
  readonly pace: number
}

/** What it tells: each read as it begins, and as it ends. Epoch ms. */
export type FailoverReport =
  | { readonly type: 'warm' }
  | { readonly type: 'asked'; readonly id: number; readonly kind: 'live' | 'dead'; readonly at: number }
  | { readonly type: 'came'; readonly id: number; readonly ms: number; readonly came: Exclude<Came, 'never'> }

const { client, seeds, live, dead, pace } = JSON.parse(process.argv[2] ?? '') as FailoverOrder
const tell = (report: FailoverReport): void => void process.send?.(report)
const read = await CLUSTER_CLIENTS[client]?.open(seeds)
if (read === undefined) throw new Error('There is no such client')
// What a client does first is measured elsewhere.
await Promise.all([...live, ...dead].map(read))
tell({ type: 'warm' })

let id = 0
let turn = 0
setInterval(() => {
  turn += 1
  ask('live', live[turn % live.length] ?? '')
  ask('dead', dead[turn % dead.length] ?? '')
}, pace)

function ask(kind: 'live' | 'dead', key: string): void {
  id += 1
  const own = id
  const startedAt = performance.now()
  const came = (what: Exclude<Came, 'never'>): void => tell({ type: 'came', id: own, ms: performance.now() - startedAt, came: what })
  tell({ type: 'asked', id, kind, at: Date.now() })
  read?.(key).then(came, () => came('threw'))
}
