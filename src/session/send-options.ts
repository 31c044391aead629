import type { CacheError } from '../errors.ts'
import type { Asker } from '../transport/nodes.ts'

/** ms; a timer may fire so long before the clock says that it is time. What is left then is nothing. */
const EARLY = 1

/** How one pipeline is to be sent. */
export interface SendOptions {
  /** Now, epoch ms. Passed on, since reading the clock costs something and no time passes before the write. */
  readonly at: number
  /** Epoch ms. */
  readonly deadlineAt: number
  /** The deadline is earlier than the full timeout, so that reaching it does not mean that Redis is down. */
  readonly isPartial: boolean
  /** Sent although the cooldown says no: `health()`. */
  readonly ignoresCooldown: boolean
  readonly asker: Asker
  /** Called with the error where the pipeline ends in a failure of the connection. */
  readonly onFatal: (failure: CacheError) => void
  /** With half of the time: the options with all of it, for the second try. */
  readonly whole?: SendOptions
}

/** Half of the time, where the connection may turn out dead; with all of it for the second try. */
export function halve(options: SendOptions): SendOptions {
  return { ...options, deadlineAt: options.at + (options.deadlineAt - options.at) / 2, isPartial: true, whole: options }
}

/**
 * Whether a second try is worth it.
 *
 * @param since when the first try began, by the monotonic clock
 */
export function hasTimeLeft(options: SendOptions, since: number, now: () => number): boolean {
  return timeLeft(options, since, now) > EARLY
}

/** For a second try, with what is left of the time. @param since as for `hasTimeLeft` */
export function renewed(options: SendOptions, since: number, now: () => number): SendOptions {
  const at = now()
  return { ...(options.whole ?? options), at, deadlineAt: at + timeLeft(options, since, now) }
}

/** What is left (ms) of a pipeline's time: by both clocks, since one may be set back and the other stands still in a frozen process. */
function timeLeft(options: SendOptions, since: number, now: () => number): number {
  const { at, deadlineAt } = options.whole ?? options
  return deadlineAt - at - Math.max(now() - at, performance.now() - since)
}
