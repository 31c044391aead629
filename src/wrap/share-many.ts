import { CacheError } from '../errors.ts'
import { holdOpen } from '../session/session.ts'
import type { WrapContext } from './context.ts'
import { abortWith } from './run-loader.ts'
import { type LoadTarget, whyNotStored, type LoadMode, canShare } from './load-request.ts'
import { askForLease, type Lease } from './lease.ts'
import { loadMany } from './load-many.ts'
import { fromOther, type Loaded } from './loaded.ts'
import type { ManyLoader } from './types.ts'

/** Keys whose values are wanted. */
export interface ManyLoadRequest {
  readonly loader: ManyLoader<unknown>
  readonly missing: readonly LoadTarget[]
  /** To be loaded unless another isolate is at it. */
  readonly refreshed: readonly LoadTarget[]
  readonly stale: ReadonlyMap<string, unknown>
  readonly signals: readonly AbortSignal[]
  /** ms; see `LoadPolicy`. */
  readonly patience: number
  /** ms that the loader may take; undefined: no bound. */
  readonly hard: number | undefined
  readonly mode: LoadMode
  /** Nobody waits for it. */
  readonly isBackground: boolean
}

/**
 * Loads values in one call of the loader, but for those that somebody else is loading: these are waited for. Never rejects.
 *
 * @returns by key; nothing for a key that another isolate refreshes
 */
export async function shareMany(context: WrapContext, wanted: ManyLoadRequest): Promise<ReadonlyMap<string, Loaded>> {
  const { missing, patience } = wanted
  const askedAt = context.now()
  const outcome = new Map<string, Loaded>()
  const leases = new Map<string, Lease>()
  let left = [...missing, ...(await leased(context, wanted, leases, outcome))]
  while (left.length > 0) {
    const theirs = left.map((target) => ({ target, result: joined(context, target, patience) }))
    const own = theirs.filter(({ result }) => result === undefined).map(({ target }) => target)
    const [mine, others] = await Promise.all([
      loadOwn(context, wanted, own, leases),
      Promise.all(theirs.filter(({ result }) => result !== undefined).map(async ({ target, result }) => ({ target, loaded: await result }))),
    ])
    for (const [key, loaded] of mine) outcome.set(key, loaded)
    for (const { target, loaded } of others) {
      if (loaded !== undefined && (await canShare(context, target, loaded))) outcome.set(target.key, loaded)
    }
    if (others.some(({ target }) => outcome.has(target.key))) context.report?.shared(askedAt)
    // Left are those whose load by somebody else took too long or brought nothing.
    left = left.filter(({ key }) => !outcome.has(key))
  }
  return outcome
}

/** Loads values that nobody else is loading; others may wait for them. */
async function loadOwn(
  context: WrapContext,
  wanted: ManyLoadRequest,
  targets: readonly LoadTarget[],
  leases: ReadonlyMap<string, Lease>,
): Promise<ReadonlyMap<string, Loaded>> {
  if (targets.length === 0) return new Map()
  // What cannot be stored has no stored key by which others could wait for it.
  const flights = new Map(
    targets.flatMap(({ key, storedKey }) => (storedKey instanceof CacheError ? [] : [[key, context.loads().start(storedKey)] as const])),
  )
  const controller = new AbortController()
  const isWanted = (): boolean => wanted.mode.isDetached || [...flights.values()].some(({ isShared }) => isShared)
  const unlink = abortWith(wanted.signals, controller, isWanted, () => {
    for (const one of flights.values()) one.abandon()
  })
  const end = holdOpen(context.session())
  const isOutdated = (key: string): boolean => flights.get(key)?.isOutdated === true
  const loaded = await loadMany(context, { ...wanted, targets, leases, controller, isOutdated })
  unlink()
  end()
  for (const [key, one] of flights) one.settle(loaded.get(key))
  return loaded
}

function joined(context: WrapContext, { storedKey }: LoadTarget, patience: number): Promise<Loaded | undefined> | undefined {
  return storedKey instanceof CacheError ? undefined : context.loads().join(storedKey, patience)
}

/** Takes the leases of those to be refreshed, in one round trip. @returns those that got one */
async function leased(
  context: WrapContext,
  wanted: ManyLoadRequest,
  leases: Map<string, Lease>,
  outcome: Map<string, Loaded>,
): Promise<readonly LoadTarget[]> {
  const answers = await Promise.all(
    wanted.refreshed.map(async (target) => {
      if (target.storedKey instanceof CacheError || whyNotStored(target) !== undefined) return { target, answer: { isHeld: false } }
      const options = { context, storedKey: target.storedKey, found: target.found, duration: wanted.patience }
      return { target, answer: await askForLease(options, { timeout: target.early }) }
    }),
  )
  for (const { target, answer } of answers) {
    if (answer.lease !== undefined) leases.set(target.key, answer.lease)
    if (answer.entry !== undefined) outcome.set(target.key, fromOther(answer.entry))
  }
  // Where Redis took no lease it would not take the value either: not worth a load that nobody waits for, but for a copy.
  const isWanted = ({ target, answer }: (typeof answers)[number]): boolean =>
    !answer.isHeld && (!wanted.isBackground || leases.has(target.key) || whyNotStored(target) !== undefined)
  return answers.filter((one) => isWanted(one) && !outcome.has(one.target.key)).map(({ target }) => target)
}
