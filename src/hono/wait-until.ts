import type { Context } from 'hono'
import { callForeign } from '../policy/call-foreign.ts'
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
  // One that throws (the request is over) is no fault of the response.
  return context && ((promise) => void callForeign(() => context.waitUntil(promise)))
}
