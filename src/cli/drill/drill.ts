import type { DrillFault } from './faults.ts'
import { judge, type Verdict } from './judge.ts'
import { rehearse } from './rehearse.ts'
import type { CacheSettings, Rehearsal } from './rehearsal.ts'
import type { Stage } from './stage.ts'

/** ms: a machine that is so far behind may break a promise of its own. */
const BUSY = 25
const MOST_TRIES = 3
/** ms: so short that Redis is always asked first, and a copy answers in its stead alone. */
const COPY_TTL = 1

/** What happened under one fault, and what is said about it. */
export interface Scene extends Rehearsal {
  readonly verdict: Verdict
  /** How often it was rehearsed: again where a promise was broken while this machine was busy with something else. */
  readonly tries: number
}

/** What came of a drill. */
export interface Drill {
  /** What was drilled, without secrets. */
  readonly target: string
  readonly wire: 'tcp' | 'http'
  /** Without copies in memory; each scene has its own. */
  readonly settings: CacheSettings
  readonly areAllKept: boolean
  readonly scenes: readonly Scene[]
}

/** How a drill is run. Durations in ms. */
export interface DrillOptions {
  readonly faults: readonly DrillFault[]
  readonly settings: CacheSettings
  /** Rehearses each fault a second time, with copies in memory. */
  readonly memory?: boolean
  /** How long each fault lasts. */
  readonly span: number
  /** A PEM file that the application trusts. */
  readonly ca?: string
  /** The module whose `createCache` is drilled. Default: this package. */
  readonly client?: string
  readonly signal: AbortSignal
  /** Told what happens now: the fault, how many of them are done, and the phase. */
  readonly onProgress?: (fault: string, done: number, phase: string) => void
  readonly onScene?: (scene: Scene) => void
}

/** All faults in turn, each with a fresh application. */
export async function runDrill(stage: Stage, options: DrillOptions): Promise<Drill> {
  const { faults, settings: base, memory, span, ca, signal } = options
  const client = options.client ?? import.meta.resolve('fastmiss')
  const scenes: Scene[] = []
  const variants = memory === true ? [base, { ...base, memory: { ttl: COPY_TTL } }] : [base]
  let done = 0
  for (const [fault, settings] of faults.flatMap((one) => variants.map((variant) => [one, variant] as const))) {
    const onPhase = (phase: string): void => options.onProgress?.(fault.name, done, phase)
    const played = await play(() => rehearse(stage, fault, { client, ...(ca === undefined ? {} : { ca }), settings, span, signal, onPhase }))
    scenes.push(...played)
    for (const scene of played) options.onScene?.(scene)
    done += 1
  }
  const areAllKept = scenes.every(({ verdict }) => verdict.broken.length === 0)
  return { target: stage.shown, wire: stage.wire, settings: base, areAllKept, scenes }
}

/** What is broken is broken every time; what this machine was too busy for is not. */
async function play(rehearseOnce: () => Promise<readonly Rehearsal[]>): Promise<readonly Scene[]> {
  for (let tries = 1; ; tries++) {
    const scenes = (await rehearseOnce()).map((rehearsal): Scene => ({ ...rehearsal, verdict: judge(rehearsal), tries }))
    const isDoubtful = scenes.some(({ verdict, disturbance }) => verdict.broken.length > 0 && disturbance > BUSY)
    if (!isDoubtful || tries === MOST_TRIES) return scenes
  }
}
