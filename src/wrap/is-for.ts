import type { WrapContext } from './context.ts'
import type { Target } from './ask.ts'
import { isFailed, type Loaded } from './loaded.ts'

/**
 * Whether a caller may have what somebody else loads. A loader that was called before the caller came may have read what was
 * invalidated in between: its tags must be as they were. One that was called later is fine.
 */
export async function isFor(context: WrapContext, { startedAt, versions, timeout }: Target, loaded: Loaded): Promise<boolean> {
  if (isFailed(loaded) || loaded.beganAt === undefined || loaded.beganAt > startedAt) return true
  if (loaded.tags === undefined) return false
  if (loaded.tags.length === 0) return true
  return (await context.tags().areCurrent(loaded.tags, timeout === undefined ? {} : { timeout }, versions)) === true
}
