import type { Cache, Invocation } from '../facade/types.ts'

/** What is used of a Lambda invocation's context. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number
}

/** Options of {@link withCache}. */
export interface WithCacheOptions {
  /** How long before the invocation's timeout the cache stops being waited for, so that the handler can still answer: ms, default 100. */
  readonly reserve?: number
}

/**
 * A Lambda handler with a cache of its own for each invocation: one connection at most, a deadline from the time that the
 * invocation has left, closed before the answer goes out, also where the handler throws. Each invocation has its own view, so
 * many may run at once in one process.
 *
 * For response streaming call it inside `awslambda.streamifyResponse`: the stream then belongs to the handler's closure.
 *
 * @param cache made once, at module scope
 * @param handler the event, the context, and the cache of this invocation; must be done with the cache when it settles
 * @throws RangeError where `reserve` is not a number of whole milliseconds
 * @example
 * ```ts
 * const cache = createCache({ ...fromEnv(process.env), namespace: 'app', ttl: 60_000 })
 * await cache.preload()
 *
 * export const handler = withCache(cache, async (event: { id: string }, _context, cache) => {
 *   return (await cache.get(event.id)) ?? (await load(event.id))
 * })
 * ```
 */
export function withCache<Event, Context extends LambdaContext, Result>(
  cache: Cache,
  handler: (event: Event, context: Context, cache: Invocation) => Result | Promise<Result>,
  options: WithCacheOptions = {},
): (event: Event, context: Context) => Promise<Result> {
  const { reserve = 100 } = options
  if (!Number.isSafeInteger(reserve) || reserve < 0) throw new RangeError(`reserve: expected whole milliseconds, 0 or more, got ${String(reserve)}`)

  return async function handleWithCache(event, context) {
    const invocation = cache.invocation({ deadline: Date.now() + context.getRemainingTimeInMillis() - reserve })
    try {
      return await handler(event, context, invocation)
    } finally {
      // The process may be frozen right after the answer: what is in flight ends before it.
      await invocation.close()
    }
  }
}
