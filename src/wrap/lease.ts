import { type Entry, isStale } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import type { WrapContext } from './context.ts'
import type { Found } from '../store/found.ts'
import { peek } from '../store/judge.ts'
import type { Request } from '../session/session.ts'
import type { Removal } from '../store/store.ts'
import { isEntry } from './load-request.ts'

/** A lock on loading one key, in all isolates, for a limited time. */
export interface Lease {
  readonly key: string
  /** Epoch ms by our clock; afterwards it may be somebody else's. */
  readonly until: number
}

/** The lease, or an entry that somebody else has stored meanwhile, or neither. */
export interface LeaseAnswer {
  readonly lease?: Lease
  /** A fresh entry that the caller has not seen yet. */
  readonly entry?: Entry
  /** Somebody else has it. */
  readonly isHeld: boolean
}

/** The first pause of a wait (ms), doubled up to the longest. */
const FIRST_PAUSE = 10
const LONGEST_PAUSE = 100
/** ms for the last read of the entry, when the wait is over. */
const LAST_LOOK = 50

/** What leases run on. */
export interface LeaseOptions {
  readonly context: WrapContext
  readonly storedKey: string
  /** What the caller has seen. */
  readonly found: Found
  /** ms */
  readonly duration: number
}

/**
 * Asks once, and reads the entry again: whoever had the lease may have just stored it. One round trip. Where Redis does not answer,
 * there is no lease and nobody holds one.
 */
export async function askForLease(options: LeaseOptions, request: Request): Promise<LeaseAnswer> {
  const { context, storedKey, duration } = options
  const { store, now } = context
  const key = leaseKey(context, storedKey)
  const until = now() + duration
  const taking = store.write([{ key, text: '1', ttl: duration, ifAbsent: true }], 'lease', request)
  const seen = await peek(context, storedKey, request)
  const [isTaken] = await taking
  const lease = isTaken === true ? { key, until } : undefined
  if (!isNews(options, seen)) return { ...(lease === undefined ? {} : { lease }), isHeld: isTaken === false }
  if (lease !== undefined) await store.write([{ keys: [key] }], 'lease', request)
  return { entry: seen, isHeld: false }
}

/** Asks until it gets the lease, or the entry is there, or the time is over. @param wait ms, round trips included */
export async function waitForLease(options: LeaseOptions, wait: number, request: Request): Promise<LeaseAnswer> {
  const { now } = options.context
  const startedAt = now()
  let answer = await askForLease(options, request)
  let pause = FIRST_PAUSE
  let paused = 0
  // The larger of both: a clock that stands still or is set back must not make the wait longer.
  const left = (): number => wait - Math.max(paused, now() - startedAt)
  for (; answer.isHeld && left() > 0; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    const next = Math.min(pause, left())
    await new Promise((resolve) => setTimeout(resolve, next))
    paused += next
    answer = await askForLease(options, { ...request, timeout: Math.max(LAST_LOOK, Math.ceil(left())) })
  }
  return answer
}

/** Deletes leases, but not those that have expired: they may be somebody else's by now. */
export async function releaseLeases({ store, now }: WrapContext, leases: readonly (Lease | undefined)[], request?: Request): Promise<void> {
  const at = now()
  await store.write(
    leases.flatMap((lease): Removal[] => (lease === undefined || at >= lease.until ? [] : [{ keys: [lease.key] }])),
    'lease',
    request,
  )
}

function leaseKey({ options }: WrapContext, storedKey: string): string {
  return options.keys.reserved('lease', `key:${storedKey}`)
}

function isNews({ context, found }: LeaseOptions, seen: Found): seen is Entry {
  if (seen === undefined || seen instanceof CacheError || isStale(seen, context.now)) return false
  return !isEntry(found) || seen.at !== found.at
}
