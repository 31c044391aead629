import { CacheError } from '../errors.ts'
import { startDeadline } from '../policy/deadline.ts'

/** What may end the wait of one operation before its batch is answered. */
export interface WaitBounds {
  readonly signals: readonly AbortSignal[]
  /** ms, counted from when the driver is loaded; undefined: as long as the batch takes. */
  readonly wait: number | undefined
  readonly load: () => Promise<unknown> | undefined
  readonly now: () => number
  /** Called with the ms waited when the time is over. */
  readonly suspect: (waited: number) => void
}

/** What was asked for, or why this operation stops waiting for it; the others of the pipeline go on. */
export function waitFor<Value>(asked: Promise<Value>, { signals, wait, load, now, suspect }: WaitBounds): Promise<Value | CacheError> {
  return new Promise((resolve) => {
    let cancel: (() => void) | undefined
    let isOver = false
    const onAbort = (): void => settle(aborted())
    function settle(outcome: Value | CacheError): void {
      isOver = true
      cancel?.()
      for (const one of signals) one.removeEventListener('abort', onAbort)
      resolve(outcome)
    }
    function start(bound: number): void {
      if (isOver) return
      cancel = startDeadline(
        now() + bound,
        (isConclusive) => {
          if (isConclusive) suspect(bound)
          settle(new CacheError('timeout', `No answer within ${bound} ms`, { phase: 'command' }))
        },
        now,
      )
    }
    if (signals.some((one) => one.aborted)) return onAbort()
    for (const one of signals) one.addEventListener('abort', onAbort)
    void asked.then(settle)
    if (wait !== undefined) void Promise.resolve(load()).then(() => start(wait))
  })
}

/** Why an operation whose signal was aborted has no answer. */
export function aborted(): CacheError {
  return new CacheError('aborted', 'The signal was aborted')
}
