import { checkFunction } from '../options/checks.ts'
import { buildCache } from '../facade/create-cache.ts'
import type { CacheEvent } from '../options/events.ts'
import type { Command } from '../transport/transport.ts'
import type { Cache, CacheOptions } from '../facade/types.ts'
import { createTestClock, type TestClock } from './cache/test-clock.ts'
import { checkFault, type TestFault, type TestFaultOptions } from './cache/test-fault.ts'
import { createTestTransport, type TestCounters } from './cache/test-transport.ts'

/** As it was at import: fake timers hold theirs back. */
const runtimeSetImmediate = setImmediate

/**
 * What `testCache` takes: the options of `createCache`, so that those of the real cache can be handed in as they are.
 * `url` and everything else that is about the wire has no effect.
 */
export interface TestCacheOptions extends Omit<CacheOptions, 'transport'> {
  /**
   * A clock to follow, epoch ms: `() => Date.now()` under fake timers. `clock.advance` comes on top of it.
   * Default: time stands still, at the instant at which the cache was made, until `clock.advance`.
   */
  readonly now?: () => number
}

/** A cache for unit tests. What takes a cache takes it. */
export interface TestCache extends Cache, AsyncDisposable {
  readonly clock: TestClock
  /**
   * Makes Redis fail from now on; without a fault it is well again. As with a real one, an outage is remembered:
   * it is asked again when the cooldown has passed by the cache's clock.
   *
   * @throws TypeError or RangeError where the fault or an option is none
   */
  fail(fault?: TestFault, options?: TestFaultOptions): void
  /** Every command that was sent, oldest first: `['GET', 'app::user:1']`. */
  readonly commands: readonly Command[]
  readonly counters: TestCounters
  /** Everything that `onEvent` was told, oldest first. */
  readonly events: readonly CacheEvent[]
}

/**
 * A cache for unit tests, without network and without waiting: the real facade, with its entries, time to live, tags and
 * cooldown, over memory, with the clock and every kind of failure in the test's hand. Each is empty and on its own.
 *
 * @param options as for `createCache`; `url` is not needed
 * @throws TypeError or RangeError as `createCache`
 * @example
 * ```ts
 * import { testCache } from 'fastmiss/testing'
 *
 * await using cache = testCache({ ttl: 60_000 })
 * await cache.set('user:1', { name: 'Ada' })
 * cache.clock.advance(60_000)
 * console.log(await cache.get('user:1')) // undefined: it has expired
 *
 * cache.fail('timeout')
 * console.log((await cache.lookup('user:1')).status) // degraded
 * console.log(cache.counters.requests) // 3
 * ```
 */
export function testCache(options: TestCacheOptions = {}): TestCache {
  const { now, onEvent, ...given } = options
  checkFunction('now', now)
  checkFunction('onEvent', onEvent)
  const clock = createTestClock(now)
  const redis = createTestTransport(clock)
  const events: CacheEvent[] = []

  function listen(event: CacheEvent): void {
    events.push(event)
    onEvent?.(event)
  }
  const cache = buildCache(
    { ...given, url: 'memory:', onEvent: listen },
    {
      transport: () => redis.transport,
      sharesRoot: 'while-busy',
      sharesLoads: true,
      afterwards: (callback) => void runtimeSetImmediate(callback),
      now: clock.now,
    },
  )
  return {
    ...cache,
    clock,
    fail(fault, faultOptions = {}) {
      checkFault(fault, faultOptions)
      redis.fail(fault, faultOptions)
    },
    commands: redis.commands,
    get counters() {
      return redis.counters
    },
    events,
    [Symbol.asyncDispose]: () => cache.close(),
  }
}
