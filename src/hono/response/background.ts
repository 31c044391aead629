import type { Context } from 'hono'
import { callForeign } from '../../policy/call-foreign.ts'
import { waitUntilOf } from '../wait-until.ts'
import type { ResolvedOptions } from './resolve-options.ts'

/** Tells of work after the response. @returns whether it was taken: somebody else's function may throw */
type Background = (work: Promise<unknown>) => boolean

/** The caller's way to tell of work after the response, or the platform's; undefined where there is none. */
export function backgroundOf(c: Context, options: ResolvedOptions): Background | undefined {
  let waitUntil: ((promise: Promise<unknown>) => unknown) | undefined
  callForeign(() => void (waitUntil = options.waitUntil?.(c)))
  const told = waitUntil ?? waitUntilOf(c)
  return told && ((work) => callForeign(() => told(work)))
}

/** Leaves work to the background where there is one, and waits for it elsewhere. */
export async function finish(c: Context, options: ResolvedOptions, work: Promise<unknown>): Promise<void> {
  if (backgroundOf(c, options)?.(work) !== true) await work
}

/** Lets go of a body that nobody is sent. Not waited for: whoever makes it may never answer. */
export function dropBody(response: Response): void {
  if (response.body?.locked === false) response.body.cancel().catch(() => {})
}
