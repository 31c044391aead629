import type { Context } from 'hono'
import type { InvocationOptions } from '../types.ts'

/** How the platform is told of work after the response. @returns undefined where it has no such way: Hono's getter throws there */
export function waitUntilOf(c: Context): InvocationOptions['waitUntil'] {
  try {
    const { executionCtx } = c
    return (promise) => executionCtx.waitUntil(promise)
  } catch {
    return undefined
  }
}
