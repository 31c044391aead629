import { createPatience } from './patience.ts'
import type { Facts, Outcome, Step, StepName, Visit } from './step.ts'
import { auth, token } from './steps/authenticate.ts'
import { clock } from './steps/clock.ts'
import { cluster } from './steps/cluster.ts'
import { connect } from './steps/connect.ts'
import { copies } from './steps/copies.ts'
import { eachNode } from './steps/nodes.ts'
import { limits } from './steps/limits.ts'
import { memory } from './steps/memory.ts'
import { ping } from './steps/ping.ts'
import { probeKey } from './steps/probe-key.ts'
import { resolve } from './steps/resolve.ts'
import { roundTrips } from './steps/round-trips.ts'
import { seeds } from './steps/seeds.ts'
import { sentinels } from './steps/sentinels.ts'
import { slots } from './steps/slots.ts'
import { timeouts } from './steps/timeouts.ts'
import { tls } from './steps/tls.ts'
import { transports } from './steps/transports.ts'
import { readTarget, type Target } from './target.ts'
import { TargetError } from './target-error.ts'

/** One line of the report. */
export interface Result {
  readonly step: StepName
  readonly status: Outcome['status']
  /** Absent where the time says nothing. */
  readonly ms?: number
  readonly finding: string
  readonly hint?: string
}

/** What came of a visit. */
export interface Examination {
  readonly isHealthy: boolean
  /** The address without secrets; absent where the URL could not be read. */
  readonly target?: string
  readonly steps: readonly Result[]
  readonly suggestion?: Facts['suggestion']
  readonly runtimes?: Facts['runtimes']
  /** A question to DNS is still open and holds the process. */
  readonly isLookupStuck?: true
}

/** What to examine, and how. */
export interface ExamineOptions {
  readonly url?: string | undefined
  readonly token?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where nodes are reached: from `host:port` to `host:port`. */
  readonly nodeAddress?: Readonly<Record<string, string>> | undefined
  /** Where the probe key lies, for users who may write in one namespace only. */
  readonly namespace?: string | undefined
  /** ms until the first answer must be there. */
  readonly timeout: number
  /** Ends the visit at once; what was found so far is kept. */
  readonly signal: AbortSignal
  /** Told each result as it comes. */
  readonly onResult?: (result: Result) => void
}

/** Looks at everything, in order. Never rejects for what it finds. */
export async function examine(options: ExamineOptions): Promise<Examination> {
  const results: Result[] = []
  const add = (result: Result): void => {
    results.push(result)
    options.onResult?.(result)
  }
  const target = readOrReport(options, add)
  if (target === undefined) {
    for (const { name } of stepsFor({ wire: 'tcp' }, undefined)) add(skipped(name, 'parse'))
    return { isHealthy: false, steps: results }
  }
  const { suggestion, runtimes, isLookupStuck } = await visit(target, options, add)
  return {
    isHealthy: results.every(({ status }) => status !== 'failed'),
    target: target.shown,
    steps: results,
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(runtimes === undefined ? {} : { runtimes }),
    ...(isLookupStuck === true ? { isLookupStuck } : {}),
  }
}

function stepsFor({ wire, nodes }: Pick<Target, 'wire' | 'nodes'>, namespace: string | undefined): readonly Step[] {
  const reach = wire === 'memory' ? [] : [resolve, connect, tls]
  const use = [ping, roundTrips, probeKey(namespace)]
  // In memory there is nothing to keep copies of.
  const advice = wire === 'memory' ? [transports, timeouts] : [transports, copies, timeouts]
  if (nodes !== undefined) {
    const found = nodes.url.kind === 'cluster' ? [seeds, eachNode, slots] : [sentinels, eachNode]
    return [...found, auth, ...use, memory, limits, clock, ...advice]
  }
  if (wire === 'tcp') return [...reach, auth, ...use, memory, limits, clock, cluster, ...advice]
  return wire === 'http' ? [...reach, token, ...use, limits, clock, ...advice] : [...reach, auth, ...use, limits, ...advice]
}

function readOrReport({ url, token: restToken, nodeAddress, env }: ExamineOptions, add: (result: Result) => void): Target | undefined {
  try {
    const target = readTarget({ url, token: restToken, nodeAddress }, env)
    add({ step: 'parse', status: 'ok', finding: target.shown })
    return target
  } catch (error) {
    if (!(error instanceof TargetError)) throw error
    add({ step: 'parse', status: 'failed', finding: error.message, hint: error.hint })
    return undefined
  }
}

async function visit(target: Target, options: ExamineOptions, add: (result: Result) => void): Promise<Facts> {
  const { signal } = options
  const endings: (() => void)[] = []
  const end = (): void => endings.forEach((close) => close())
  let patience = createPatience(options.timeout)
  let facts: Facts = {}
  let obstacle: StepName | undefined
  // What is closed fails at once: the step under way comes to its end.
  signal.addEventListener('abort', end, { once: true })
  try {
    for (const step of stepsFor(target, options.namespace)) {
      if (signal.aborted) break
      if (obstacle !== undefined && step.isOffline !== true) {
        add(skipped(step.name, obstacle))
        continue
      }
      // A silent node of many takes nothing of the time of the others.
      if (target.nodes !== undefined) patience = createPatience(options.timeout)
      const at = step.isOffline === true ? target : (facts.at?.target ?? target)
      const [result, ...others] = await take(step, { target: at, patience, facts, onEnd: (close) => endings.push(close) }, (found) => {
        facts = { ...facts, ...found }
      })
      if (signal.aborted) break
      if ((step.isVital === true && result.status === 'failed') || facts.isObstacle === true) obstacle = step.name
      for (const one of [result, ...others]) add(one)
    }
    return facts
  } finally {
    signal.removeEventListener('abort', end)
    end()
  }
}

async function take(step: Step, at: Visit, onFacts: (facts: Facts) => void): Promise<readonly [Result, ...Result[]]> {
  const startedAt = performance.now()
  const { facts = {}, others = [], ...outcome } = await step.run(at)
  const took = performance.now() - startedAt
  onFacts(facts)
  return [resultOf(step, { ms: took, ...outcome }), ...others.map((other) => resultOf(step, other))]
}

function resultOf({ name, isTimed }: Step, { status, finding, hint, ms }: Outcome): Result {
  const isMeasured = isTimed === true && status !== 'skipped' && ms !== undefined
  return { step: name, status, ...(isMeasured ? { ms: Math.round(ms * 10) / 10 } : {}), finding, ...(hint === undefined ? {} : { hint }) }
}

function skipped(step: StepName, obstacle: StepName): Result {
  return { step, status: 'skipped', finding: `not before ${obstacle} succeeds` }
}
