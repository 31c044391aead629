import type { Context } from 'hono'
import type { InvocationOptions } from '../options/types.ts'

/** The platform's context of the request. @returns undefined where it has none: Hono's getter throws there */
export function executionContextOf(c: Context): Context['executionCtx'] | undefined {
  const limit: unknown = Reflect.get(Error, 'stackTraceLimit')
  // Nobody sees that error, and on Node its stack costs a request 20 µs. Not an assignment, which throws where intrinsics are frozen.
  if (typeof limit === 'number') Reflect.set(Error, 'stackTraceLimit', 0)
  try {
    return c.executionCtx
  } catch {
    return undefined
  } finally {
    if (typeof limit === 'number') Reflect.set(Error, 'stackTraceLimit', limit)
  }
}

/** How the platform is told of work after the response. @returns undefined where it has no such way */
export function waitUntilOf(c: Context): InvocationOptions['waitUntil'] {
  const context = executionContextOf(c)
  return context && ((promise) => context.waitUntil(promise))
}
