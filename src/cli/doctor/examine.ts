import { createPatience } from './patience.ts'
import type { Facts, Outcome, Step, StepName, Visit } from './step.ts'
import { auth, token } from './steps/authenticate.ts'
import { clock } from './steps/clock.ts'
import { cluster } from './steps/cluster.ts'
import { connect } from './steps/connect.ts'
import { limits } from './steps/limits.ts'
import { memory } from './steps/memory.ts'
import { ping } from './steps/ping.ts'
import { probeKey } from './steps/probe-key.ts'
import { resolve } from './steps/resolve.ts'
import { roundTrips } from './steps/round-trips.ts'
import { timeouts } from './steps/timeouts.ts'
import { tls } from './steps/tls.ts'
import { transports } from './steps/transports.ts'
import { readTarget, type Target, TargetError } from './target.ts'

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
    for (const { name } of stepsFor('tcp', undefined)) add(skipped(name, 'parse'))
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

function stepsFor(wire: Target['wire'], namespace: string | undefined): readonly Step[] {
  const reach = wire === 'memory' ? [] : [resolve, connect, tls]
  const use = [ping, roundTrips, probeKey(namespace)]
  const advice = [transports, timeouts]
  if (wire === 'tcp') return [...reach, auth, ...use, memory, limits, clock, cluster, ...advice]
  return wire === 'http' ? [...reach, token, ...use, limits, clock, ...advice] : [...reach, auth, ...use, limits, ...advice]
}

function readOrReport({ url, token: restToken, env }: ExamineOptions, add: (result: Result) => void): Target | undefined {
  try {
    const target = readTarget({ url, token: restToken }, env)
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
  const patience = createPatience(options.timeout)
  let facts: Facts = {}
  let obstacle: StepName | undefined
  // What is closed fails at once: the step under way comes to its end.
  signal.addEventListener('abort', end, { once: true })
  try {
    for (const step of stepsFor(target.wire, options.namespace)) {
      if (signal.aborted) break
      if (obstacle !== undefined && step.isOffline !== true) {
        add(skipped(step.name, obstacle))
        continue
      }
      const { result, found } = await take(step, { target, patience, facts, onEnd: (close) => endings.push(close) })
      if (signal.aborted) break
      facts = { ...facts, ...found }
      if (step.isVital === true && result.status === 'failed') obstacle = step.name
      add(result)
    }
    return facts
  } finally {
    signal.removeEventListener('abort', end)
    end()
  }
}

async function take(step: Step, at: Visit): Promise<{ result: Result; found: Facts | undefined }> {
  const startedAt = performance.now()
  const { status, finding, hint, ms, facts } = await step.run(at)
  const took = ms ?? performance.now() - startedAt
  const isTimed = step.isTimed === true && status !== 'skipped'
  const result = { step: step.name, status, ...(isTimed ? { ms: Math.round(took * 10) / 10 } : {}), finding, ...(hint === undefined ? {} : { hint }) }
  return { result, found: facts }
}

function skipped(step: StepName, obstacle: StepName): Result {
  return { step, status: 'skipped', finding: `not before ${obstacle} succeeds` }
}
