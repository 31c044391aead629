import { checkTags, toTtl } from '../options/checks.ts'
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
  return bounded(() => loader(context), hard, controller)
}

/** What work comes to. @param hard ms after which it is given up: its signal fires, and what it gives later is dropped */
export async function bounded<Value>(
  work: () => Value | PromiseLike<Value>,
  hard: number | undefined,
  controller: AbortController,
): Promise<Awaited<Value>> {
  if (hard === undefined) {
    const value = await work()
    return value
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new DOMException(`The loader took longer than ${hard} ms (loaderTimeout.hard)`, 'TimeoutError')
      controller.abort(error)
      reject(error)
    }, hard)
  })
  try {
    return await Promise.race([work(), tooLong])
  } finally {
    clearTimeout(timer)
  }
}
