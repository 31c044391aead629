import { checkTags, toTtl } from '../options/checks.ts'
import { bounded } from '../policy/bounded.ts'
import type { Loader, LoaderContext } from './types.ts'

/** What a loader said about storing its value. */
export interface LoaderSettings {
  ttl?: number
  tags?: readonly string[]
  isNotStored?: boolean
}

/** What to run, and how long it may take. */
export interface LoaderRun {
  readonly loader: Loader<unknown>
  readonly key: string
  readonly stale: unknown
  /** ms; undefined: no bound. */
  readonly hard: number | undefined
  /** Fires when nobody wants the value any more. */
  readonly controller: AbortController
  readonly settings: LoaderSettings
}

/** @returns the loader's value. Rejects as it does, and with a `TimeoutError` where it takes too long: then what it gives later is dropped */
export async function runLoader({ loader, key, stale, hard, controller, settings }: LoaderRun): Promise<unknown> {
  const context: LoaderContext = {
    key,
    stale,
    signal: controller.signal,
    setTtl: (ttl) => void (settings.ttl = toTtl(ttl)),
    setTags(tags) {
      checkTags(tags)
      settings.tags = [...new Set(tags)]
    },
    doNotStore: () => void (settings.isNotStored = true),
  }
  return bounded(
    () => loader(context),
    hard,
    tooLong(hard),
    (error) => controller.abort(error),
  )
}

/** What is said of a loader that is given up. */
export function tooLong(hard: number | undefined): string {
  return `The loader took longer than ${hard} ms (loaderTimeout.hard)`
}

/** What is left of a loader's time (ms) for what comes after it; undefined: no bound. */
export function leftOf(hard: number | undefined, elapsed: number): number | undefined {
  return hard === undefined ? undefined : Math.max(1, hard - Math.max(0, elapsed))
}

/**
 * Aborts the loader when the caller aborts, unless others wait for the value.
 *
 * @param onAbort called before it fires
 * @returns takes the listeners away
 */
export function abortWith(signals: readonly AbortSignal[], controller: AbortController, isWanted: () => boolean, onAbort: () => void): () => void {
  const listeners = signals.map((signal) => {
    const listener = (): void => {
      if (isWanted()) return
      onAbort()
      controller.abort(signal.reason)
    }
    if (signal.aborted) listener()
    else signal.addEventListener('abort', listener)
    return () => signal.removeEventListener('abort', listener)
  })
  return () => {
    for (const remove of listeners) remove()
  }
}
