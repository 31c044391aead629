import type { Instant, Operation } from './history.ts'
import { GRAIN, type Run, TIMEOUT } from './run.ts'
import { storedKeyOf } from './stored.ts'

/**
 * A fault stood where the operation has to go, or is still remembered: by the cooldown until its probe is answered, by an
 * invocation, whose work with a node ends with its first failure, until it is closed.
 */
export function isFaulty(run: Run, operation: Operation, ended: Instant): boolean {
  const { plan, history } = run
  const { step, began, invocationBegan } = operation
  const nodes = nodesOf(run, operation)
  const isRemembered = history.coolings.some(
    (one) =>
      one.isolate === step.isolate &&
      (one.node === undefined || nodes.has(one.node)) &&
      one.began.order < ended.order &&
      (one.recovered?.order ?? Infinity) > began.order,
  )
  const from = (invocationBegan ?? began).at - TIMEOUT - GRAIN
  // A clear takes the versions of tags along, also one that somebody is about to use.
  const isCleared =
    step.tags.length + (step.lateTags?.length ?? 0) > 0 &&
    history.operations.some((one) => one.step.name === 'clear' && one.began.order < ended.order && (one.ended?.order ?? Infinity) > began.order)
  // A clock that is set forward in the middle uses up the time, as a frozen process does.
  const hasLeapt = plan.items.some((one) => one.what === 'jump' && one.whose === 'client' && one.at >= from && one.at <= ended.at)
  return (
    isCleared ||
    hasLeapt ||
    isRemembered ||
    plan.items.some((one) => one.what === 'fault' && nodes.has(run.addresses[one.node] ?? '') && one.at <= ended.at && one.until >= from)
  )
}

/** Addresses of the servers that an operation may need. */
function nodesOf({ plan, history, addresses, cluster }: Run, { step, began }: Operation): ReadonlySet<string> {
  const hasTags = plan.items.some((one) => one.what === 'step' && (one.tags.length > 0 || one.lateTags !== undefined))
  // Who knows no map yet asks any of them. Loads have leases, which lie elsewhere.
  const isCold = !history.operations.some((one) => one.step.isolate === step.isolate && (one.ended?.order ?? Infinity) < began.order)
  const hasMoved = plan.items.some((one) => one.what === 'move')
  if (cluster === undefined || isCold || hasTags || hasMoved || /wrap|clear|health/.test(step.name)) return new Set(addresses)
  return new Set(step.keys.map((key) => addresses[cluster.ownerOf(storedKeyOf(key))] ?? ''))
}

/** A clock was set in this run. */
export function hasJumped({ plan }: Run): boolean {
  return plan.items.some((one) => one.what === 'jump')
}
