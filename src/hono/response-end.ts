import type { Context } from 'hono'

/** Names the variable of a request that is dispatched once more: the response that its adapter tells of is not its own. */
export const REDISPATCHED = 'fastmiss.redispatched'

/** What adapters hand in as the environment. */
interface Adapter {
  /** @hono/node-server: Node's `http.ServerResponse`. */
  readonly outgoing?: { readonly writableEnded?: boolean; once?(event: 'close', listener: () => void): unknown }
  /** Deno.serve: of the request's information. */
  readonly completed?: Promise<void>
}

/**
 * Calls back once the response is complete, or its client has gone. To be asked for before the handler, who may take longer than its
 * client waits.
 *
 * @returns false where the adapter does not tell: then only the body's own end does
 */
export function onResponseEnd(c: Context, callback: () => void): boolean {
  if (c.get(REDISPATCHED) === true) return false
  const { outgoing, completed } = (c.env ?? {}) as Adapter
  // On Workers the environment is the app's bindings, and of a service every property is a function, which calls it.
  if (typeof outgoing?.writableEnded === 'boolean' && typeof outgoing.once === 'function') {
    outgoing.once('close', callback)
    return true
  }
  if (!(completed instanceof Promise)) return false
  completed.then(callback, callback)
  return true
}
