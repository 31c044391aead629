import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { attemptsWithin } from './attempts-within.ts'
import type { DrillFault } from './faults.ts'
import { instant } from './instant.ts'
import { type Answer, type CacheSettings, endOf, isFromRedis, type Rehearsal } from './rehearsal.ts'
import type { Stage } from './stage.ts'
import { startApplication } from './start-application.ts'

/** How one fault is rehearsed. Durations in ms. */
export interface RehearseOptions {
  readonly client: string
  readonly ca?: string
  readonly settings: CacheSettings
  /** How long the fault lasts. */
  readonly span: number
  readonly signal: AbortSignal
  /** Told what happens now. */
  readonly onPhase: (phase: string) => void
}

/** ms from one request to the next. */
export const PACE = 40
/** ms of health before the fault, and after the first real answer behind it. */
const HEALTHY = 400
/** ms beyond what is promised, in which something that comes back late may still be seen to do so. */
const MARGIN = 2_000
/** ms for everything that is not waited for. */
const RESERVE = 60_000
/** ms */
const RESOLUTION = 10

/** Health, the fault, health again: what an application with a fresh cache sees of it. @returns one for each shard */
export async function rehearse(stage: Stage, fault: DrillFault, options: RehearseOptions): Promise<readonly Rehearsal[]> {
  const { client, ca, settings, span, signal, onPhase } = options
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION })
  delay.enable()
  const ttl = lifetimeOf(settings, span)
  await stage.seed(ttl)
  const setting = { client, ...(ca === undefined ? {} : { ca }), ...stage.endpoint, settings, ttl, pace: PACE }
  await using application = await startApplication(setting, signal)
  onPhase('healthy')
  application.go()
  await sleep(HEALTHY, undefined, { signal })
  // No request is under way while the fault is being made: making it takes some faults a while.
  await application.pause(settings.timeout + MARGIN)
  onPhase('breaks')
  await stage.begin(fault)
  const beganAt = instant()
  application.go()
  await sleep(span, undefined, { signal })
  const confirmed = stage.endpoint.keys.map((_, shard) => lastConfirmed(application.answers.filter((answer) => answer.shard === shard)))
  const stored = await stage.written()
  onPhase('mended, comes back')
  await stage.mend()
  const mendedAt = instant()
  const { wait } = attemptsWithin(settings, mendedAt - beganAt)
  await application.until((answer) => answer.shard === 0 && isFromRedis(answer) && endOf(answer) > mendedAt, wait + settings.timeout + MARGIN)
  await sleep(HEALTHY / 2, undefined, { signal })
  const pendingSince = await pendingBeyond(application, settings.timeout + MARGIN)
  const exitMs = await application.end()
  signal.throwIfAborted()
  const relative = (at: number): number => short(at - beganAt)
  const openAfterExit = await stage.open()
  const disturbance = short(Math.max(delay.max / 1e6 - RESOLUTION, ...application.answers.map(({ lag }) => lag)))
  const { keys } = stage.endpoint
  return keys.map((_, index): Rehearsal => ({
    fault: fault.name,
    ...(keys.length === 1 ? {} : { shard: { number: index + 1, of: keys.length } }),
    expectation: index === 0 ? fault.expectation : 'spared',
    wire: stage.wire,
    settings,
    answers: application.answers
      .filter(({ shard }) => shard === index)
      .map(({ shard: _shard, ...answer }) => ({ ...answer, startedAt: relative(answer.startedAt), ms: short(answer.ms), lag: short(answer.lag) })),
    dials: application.dials.filter(({ port }) => stage.ports === undefined || port === stage.ports[index]).map(({ at }) => relative(at)),
    mendedAt: relative(mendedAt),
    ...(pendingSince === undefined ? {} : { pendingSince: relative(pendingSince) }),
    stored: stored[index] ?? 0,
    confirmedByThen: confirmed[index] ?? 0,
    ...(exitMs === undefined ? {} : { exitMs: short(exitMs) }),
    openAfterExit,
    disturbance,
  }))
}

/** @returns ms: longer than all of it, and gone soon after a drill that was killed */
function lifetimeOf(settings: CacheSettings, span: number): number {
  return span + attemptsWithin(settings, span).wait + 4 * (settings.timeout + MARGIN) + RESERVE
}

/** A request that hangs is told from one that is merely under way. */
async function pendingBeyond(application: Awaited<ReturnType<typeof startApplication>>, most: number): Promise<number | undefined> {
  await application.pause(most)
  return application.pendingSince
}

/** @returns ms, to a hundredth: more is not measured */
function short(ms: number): number {
  return Math.round(ms * 100) / 100
}

function lastConfirmed(answers: readonly Answer[]): number {
  return Math.max(0, ...answers.map(({ confirmed = 0 }) => confirmed))
}
