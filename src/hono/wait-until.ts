import type { Context } from 'hono'
import type { InvocationOptions } from '../types.ts'

/** How the platform is told of work after the response. @returns undefined where it has no such way: Hono's getter throws there */
export function waitUntilOf(c: Context): InvocationOptions['waitUntil'] {
  const limit: unknown = Reflect.get(Error, 'stackTraceLimit')
  // Nobody sees that error, and on Node its stack costs a request 20 µs. Not an assignment, which throws where intrinsics are frozen.
  if (typeof limit === 'number') Reflect.set(Error, 'stackTraceLimit', 0)
  try {
    const { executionCtx } = c
    return (promise) => executionCtx.waitUntil(promise)
  } catch {
    return undefined
  } finally {
    if (typeof limit === 'number') Reflect.set(Error, 'stackTraceLimit', limit)
  }
}
