import type { Instant, Operation, Value } from './history.ts'
import { isCopy } from './copies.ts'
import { hasJumped, isFaulty } from './faulty.ts'
import { judgeDials, judgeEnd } from './judge-end.ts'
import { judgeLoads } from './judge-loads.ts'
import { judgeRecoveries } from './judge-recoveries.ts'
import { rootBegan } from './root.ts'
import { GRAIN, type Run, TIMEOUT } from './run.ts'
import { entriesOf, type Stored, wasAbsent, wasHeld, wasValid } from './stored.ts'

/** ms in which an answer of a known outage is there. */
const AT_ONCE = 5
/** What a caller may bring about by itself, whatever Redis does. */
const OWN_REASONS = new Set(['closed', 'aborted', 'deadline'])

/** @returns what was wrong in a run, a line each; empty where all promises held */
export function judge(run: Run): string[] {
  const { history } = run
  return [
    ...history.operations.flatMap((operation) => judgeOperation(run, operation)),
    ...judgeLoads(run),
    ...judgeRecoveries(run),
    ...judgeDials(run),
    ...judgeEnd(run),
  ]
}

function judgeOperation(run: Run, operation: Operation): string[] {
  const { step, began, ended, error } = operation
  const wrong = (what: string): string => `${step.name}(${step.keys.join()}) of process ${step.isolate} at ${began.at.toFixed(1)} ms: ${what}`
  if (ended === undefined) return [wrong('never settled')]
  const problems: string[] = []
  const took = ended.at - began.at
  if (took > boundOf(run, operation)) problems.push(wrong(`took ${took.toFixed(1)} ms`))
  // An invocation from before has a connection of its own to find dead.
  const startedAt = operation.invocationBegan ?? rootBegan(run, operation)
  const cooling = run.history.coolings.find(
    (one) =>
      one.isolate === step.isolate &&
      one.began.order < startedAt.order &&
      began.at + took < one.began.at + one.ms &&
      (one.recovered?.order ?? Infinity) > ended.order,
  )
  // A connection that stands may answer all the same, and takes its time.
  if (cooling !== undefined && isUnanswered(operation) && took > AT_ONCE && !hasJumped(run) && run.cluster === undefined) {
    problems.push(wrong(`took ${took.toFixed(1)} ms in an outage that was known since ${cooling.began.at.toFixed(1)} ms`))
  }
  if (error !== undefined && !(step.name.startsWith('wrap') && error instanceof Error && error.message === 'The loader failed')) {
    problems.push(wrong(`threw ${nameOf(error)}`))
  }
  if (error === undefined) problems.push(...judgeOutcome(run, operation, ended).map(wrong))
  return problems
}

function nameOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error
}

/** The caller was told that there is no answer. */
function isUnanswered({ step, outcome }: Operation): boolean {
  if (step.name === 'lookup') return (outcome as { status: string }).status === 'degraded'
  return /^(set|delete|invalidate)/.test(step.name) && [outcome].flat().includes(false)
}

/** ms */
function boundOf({ plan, history }: Run, { step, began }: Operation): number {
  // A clock that is set forward looks as a frozen process does: what waits in the socket is read before anybody is blamed.
  const isJumped = plan.items.some((one) => one.what === 'jump' && one.at >= began.at && one.at <= began.at + TIMEOUT)
  const bound = isJumped ? 2 * TIMEOUT + GRAIN : TIMEOUT + GRAIN
  if (!step.name.startsWith('wrap')) return bound
  const longest = Math.max(0, ...history.operations.map((one) => one.step.loadsFor))
  // Before the loader, waiting for another's load or lease, after the loader.
  return 4 * bound + 2 * longest
}

function judgeOutcome(run: Run, operation: Operation, ended: Instant): string[] {
  const { step, began, outcome } = operation
  switch (step.name) {
    case 'get':
      return judgeValue(run, operation, ended, step.keys[0], outcome)
    case 'getMany':
    case 'wrapMany':
      return step.keys.flatMap((key, index) => judgeValue(run, operation, ended, key, (outcome as unknown[])[index]))
    case 'lookup':
    case 'wrap': {
      const { status, value, reason } = outcome as { status: string; value?: unknown; reason?: string }
      const problems =
        status === 'degraded' && !isFaulty(run, operation, ended) && !OWN_REASONS.has(reason ?? '')
          ? [`was degraded (${reason}) though all was well`]
          : []
      if (status === 'miss' && step.name === 'lookup') problems.push(...judgeMiss(run, operation, ended, step.keys[0]))
      return [...problems, ...judgeValue(run, operation, ended, step.keys[0], value)]
    }
    case 'set':
    case 'setMany':
      return [outcome].flat().flatMap((confirmed, index) => judgeWrite(run, operation, ended, step.keys[index], confirmed))
    case 'delete':
    case 'deleteMany':
      return [outcome].flat().flatMap((confirmed, index) => {
        const key = step.keys[index] ?? ''
        if (confirmed === true) return wasAbsent(run, key, began, ended) ? [] : [`said that ${key} is gone, and it was there all the time`]
        return isFaulty(run, operation, ended) ? [] : [`was not confirmed though all was well`]
      })
    case 'invalidateTags':
      return outcome === true || isFaulty(run, operation, ended) ? [] : ['was not confirmed though all was well']
    case 'clear':
      return judgeClear(run, operation, ended)
    case 'health':
      return (outcome as { status: string }).status === 'ok' || isFaulty(run, operation, ended) ? [] : ['said degraded though all was well']
    case 'has':
      return []
  }
}

/** A value was really there, or loaded, under this key; and nothing that this process had done before had removed it. */
function judgeValue(run: Run, operation: Operation, ended: Instant, key = '', value: unknown): string[] {
  if (value === undefined) return []
  const { key: saidKey, id } = value as Value
  if (saidKey !== key) return [`gave the value of ${saidKey} for ${key}`]
  const { began, step } = operation
  const stored = entriesOf(run, key).filter((one) => one.value.id === id)
  if (
    stored.some(
      (one) => wasHeld(one, began, ended) && one.tags.every((tag) => wasValid(run, { tags: [tag] }, knownSince(run, operation, tag[0]), ended)),
    )
  ) {
    return []
  }
  if (isCopy(run, operation, ended, key, id)) return []
  const load = run.history.loads.find((one) => one.ids.includes(id))
  if (load === undefined || !step.name.startsWith('wrap')) return [`gave ${id}, which was not stored under ${key} then`]
  if (load.isolate !== step.isolate) return [`gave ${id}, which another process loaded and did not store`]
  // A load that is shared ends with its write.
  if (load.ended === undefined || load.ended.at + 2 * TIMEOUT + GRAIN < began.at) return [`gave ${id}, which was loaded before and is not stored`]
  const removal = run.history.operations.find(
    (one) =>
      one.step.isolate === step.isolate && removes(one, key) && one.began.order > load.began.order && (one.ended?.order ?? Infinity) < began.order,
  )
  return removal === undefined ? [] : [`gave ${id}, whose load began before a ${removal.step.name} that had ended`]
}

/** An invocation goes on with the versions of tags that it has seen, and not beyond its own invalidation of one. */
function knownSince({ history }: Run, { step, began, invocationBegan }: Operation, tag: string): Instant {
  if (invocationBegan === undefined) return began
  const own = history.operations.filter(
    (one) =>
      one.step.name === 'invalidateTags' &&
      one.step.isolate === step.isolate &&
      one.step.invocation === step.invocation &&
      one.step.tags.includes(tag) &&
      one.outcome === true &&
      one.ended !== undefined &&
      one.ended.order < began.order,
  )
  return own.reduce((latest, { ended = latest }) => (ended.order > latest.order ? ended : latest), invocationBegan)
}

function removes({ step }: Operation, key: string): boolean {
  return (step.name.startsWith('delete') && step.keys.includes(key)) || step.name === 'clear'
}

function judgeMiss(run: Run, { began, invocationBegan }: Operation, ended: Instant, key = ''): string[] {
  if (hasJumped(run)) return []
  const there = entriesOf(run, key).find(
    (one) => one.from < began.order && one.until > ended.order && isUnquestioned(run, one, invocationBegan ?? began, ended),
  )
  return there === undefined ? [] : [`missed ${there.value.id}, which was there all the time`]
}

/** No clock and no tag says anything against it. */
function isUnquestioned(run: Run, one: Stored, began: Instant, ended: Instant): boolean {
  return one.endsAt > ended.at + GRAIN && one.expires === Infinity && one.tags.length === 0 && one.from < began.order && run.plan.items.length > 0
}

function judgeWrite(run: Run, operation: Operation, ended: Instant, key = '', confirmed: unknown): string[] {
  const { step, began } = operation
  if (confirmed !== true) return isFaulty(run, operation, ended) ? [] : ['was not confirmed though all was well']
  const landed = entriesOf(run, key).some((one) => one.from > began.order && one.from < ended.order)
  return landed ? [] : [`said that ${key} is stored, and it was not (ttl ${step.ttl})`]
}

function judgeClear(run: Run, operation: Operation, ended: Instant): string[] {
  const { began, outcome } = operation
  if (outcome !== true) return isFaulty(run, operation, ended) ? [] : ['was not confirmed though all was well']
  const left = ['a', 'b', 'c', 'd'].find((key) =>
    entriesOf(run, key).some((one) => one.from < began.order && one.until > ended.order && one.endsAt > ended.at + GRAIN),
  )
  return left === undefined ? [] : [`said that all is gone, and ${left} was there all the time`]
}
