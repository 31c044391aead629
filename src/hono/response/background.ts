import type { Context } from 'hono'
import type { ResolvedOptions } from './resolve-options.ts'
import { waitUntilOf } from '../wait-until.ts'

/** The caller's way to tell of work after the response, or the platform's; undefined where there is none. */
export function backgroundOf(c: Context, options: ResolvedOptions): ((promise: Promise<unknown>) => void) | undefined {
  return options.waitUntil?.(c) ?? waitUntilOf(c)
}

/** Leaves work to the background where there is one, and waits for it elsewhere. */
export async function finish(c: Context, options: ResolvedOptions, work: Promise<unknown>): Promise<void> {
  const waitUntil = backgroundOf(c, options)
  if (waitUntil === undefined) await work
  else waitUntil(work)
}
