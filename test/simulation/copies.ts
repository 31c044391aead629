import { hasJumped, isFaulty } from './faulty.ts'
import type { Instant, Operation } from './history.ts'
import { GRAIN, type Run } from './run.ts'
import { entriesOf, wasValidSince } from './stored.ts'

/**
 * Whether a process may have had a copy of a value and may serve it: one that Redis held so short a time ago that nobody has to ask,
 * or, while Redis gives no answer, within the outage that copies are for; and in an outage what this process wrote or loaded itself.
 * Never what this process has removed or replaced since.
 */
export function isCopy(run: Run, operation: Operation, ended: Instant, key: string, id: number): boolean {
  const { step, began } = operation
  const { memory } = run.plan.isolates[step.isolate] ?? {}
  if (memory === undefined) return false
  const isOut = isFaulty(run, operation, ended)
  const since = began.at - Math.max(memory.ttl, isOut ? memory.outage : 0) - GRAIN
  const isStored = entriesOf(run, key).some(
    (one) =>
      one.value.id === id &&
      one.from < ended.order &&
      one.untilAt > since &&
      (one.endsAt > began.at - GRAIN || hasJumped(run)) &&
      wasValidSince(run, one, since) &&
      !isRemoved(run, operation, { key, id, from: one.from, until: one.until, tags: one.tags.map(([tag]) => tag) }),
  )
  // What this process loaded is young, though Redis may hold it under a version that somebody else has cleared away.
  return isStored || isOwn(run, operation, key, id, isOut && memory.outage > 0 ? since : began.at - memory.ttl - GRAIN)
}

/** This process wrote or loaded it not before an instant, and knows of nothing that became of it. */
function isOwn(run: Run, operation: Operation, key: string, id: number, since: number): boolean {
  const { isolate } = operation.step
  const { operations, loads } = run.history
  const write = operations.find((one) => one.step.isolate === isolate && one.ids.get(key) === id)
  const load = loads.find((one) => one.isolate === isolate && one.ids.includes(id))
  const madeAt = write?.began ?? load?.began
  if (madeAt === undefined || (write?.ended ?? load?.ended ?? madeAt).at < since) return false
  return !isRemoved(run, operation, { key, id, from: madeAt.order, until: madeAt.order, tags: write?.step.tags ?? load?.tags ?? [] })
}

/** Where a copy may come from. */
interface Source {
  readonly key: string
  readonly id: number
  readonly from: number
  /** The order in which Redis lost it. */
  readonly until: number
  readonly tags: readonly string[]
}

/** This process removed, replaced or invalidated it, after it was there and before it was asked for, and Redis did not give it again. */
function isRemoved(run: Run, { step, began }: Operation, { key, id, from, until, tags }: Source): boolean {
  return run.history.operations.some((one) => {
    const endedAt = one.ended?.order ?? Infinity
    if (one.step.isolate !== step.isolate || one.began.order < from || endedAt > began.order || until > endedAt) return false
    const { name } = one.step
    if (name === 'clear') return true
    if (name === 'invalidateTags') return one.step.tags.some((tag) => tags.includes(tag))
    if (name.startsWith('delete')) return one.step.keys.includes(key)
    return name.startsWith('set') && one.ids.has(key) && one.ids.get(key) !== id
  })
}
