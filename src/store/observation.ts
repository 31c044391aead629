import type { CacheEvent } from '../options/events.ts'
import { createReporter, guardListener, type EventTraits, type Reporter } from './report.ts'

/** Told of events. */
export type Listener = (event: CacheEvent) => void

/** Who watches a cache from outside: `fastmiss/otel`. It must not throw. */
export interface Observer {
  /** Told of every event, as `onEvent` is. */
  event(event: CacheEvent): void
  /**
   * Surrounds one operation.
   *
   * @param name of the method that was called
   * @param given what it was called with
   * @param run does it, with what it is given here, and tells the listener of this operation's events alone
   * @param namespace of the cache, or of the view within it
   */
  operation(name: string, given: readonly unknown[], run: RunOperation, namespace: string | undefined): Promise<unknown>
}

/** @param listen undefined: nobody asks for this operation's events; that costs less. @param group of the key, for those events */
type RunOperation = (given: readonly unknown[], listen: Listener | undefined, group?: string) => Promise<unknown>

/** Who is told of what a cache does. One for a cache and its invocations. */
export interface Observation {
  /** Undefined until one is attached. */
  readonly observer: Observer | undefined
  /** Undefined where nobody listens, so that no event is made. */
  readonly emit: Listener | undefined
  /** The reporter of a namespace; undefined where nobody listens. */
  reporter(traits: EventTraits): Reporter | undefined
  /** The reporter of one operation, which tells a listener of its own as well. */
  reporterOf(traits: EventTraits, listen: Listener): Reporter | undefined
  /** @throws TypeError where there is an observer already: each answer would count twice */
  attach(observer: Observer): void
}

/** @param onAttach makes anew what was made without an observer */
export function createObservation(onEvent: Listener | undefined, now: () => number, onAttach: () => void): Observation {
  const guarded = guardListener(onEvent)
  let observer: Observer | undefined
  let emit = guarded

  return {
    get observer() {
      return observer
    },
    get emit() {
      return emit
    },
    reporter: (traits) => createReporter(emit, now, traits),
    reporterOf: (traits, listen) =>
      createReporter(
        (event) => {
          emit?.(event)
          listen(event)
        },
        now,
        traits,
      ),
    attach(given) {
      if (observer !== undefined) throw new TypeError('cache: it is instrumented already')
      observer = given
      const told = guardListener((event) => given.event(event))
      emit = (event) => {
        guarded?.(event)
        told?.(event)
      }
      onAttach()
    },
  }
}
