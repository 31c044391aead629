import type { WrapContext } from './context.ts'
import type { LoadTarget } from './load-request.ts'
import { isFailed, type Loaded } from './loaded.ts'

/**
 * Whether a caller may have what somebody else loads. A loader that was called before the caller came may have read what was
 * invalidated in between: its tags must be as they were. One that was called later is fine.
 */
export async function canShare(context: WrapContext, { startedAt, versions, timeout }: LoadTarget, loaded: Loaded): Promise<boolean> {
  if (isFailed(loaded)) return true
  const { since } = loaded
  // An invalidation of this process counts at once, whether Redis took it or not.
  if (since !== undefined && loaded.on?.some((key) => context.copies?.isChanged(key, since)) === true) return false
  if (loaded.beganAt === undefined || loaded.beganAt > startedAt) return true
  if (loaded.tags === undefined) return false
  if (loaded.tags.length === 0) return true
  return (await context.tags().areCurrent(loaded.tags, timeout === undefined ? {} : { timeout }, versions)) === true
}
