/** A timer this late (ms) says that the event loop was blocked, not that Redis was slow. */
const LATE_MS = 20
/** The least time (ms) that pending I/O gets once the loop runs again. */
const GRACE_MS = 50
/** How often a blocked loop is forgiven, so that the wait stays bounded in a process that always blocks. */
const MAX_GRACES = 2

/**
 * Calls back at an instant, unless cancelled before. When the event loop was blocked, timers fire before the replies
 * that already wait in the socket buffers are read: a late timer therefore lets pending I/O go first.
 *
 * @param deadlineAt epoch ms
 * @param onExpire `isConclusive` is false where the loop never ran freely for long enough to blame the other side; `wait` is how long
 *   that was to be, in ms
 * @param now the clock by which `deadlineAt` was computed, epoch ms
 * @returns cancels the timer
 */
export function startDeadline(deadlineAt: number, onExpire: (isConclusive: boolean, wait: number) => void, now: () => number = Date.now): () => void {
  const wait = Math.max(0, deadlineAt - now())
  let dueAt = deadlineAt
  let graces = 0
  let timer = setTimeout(expire, wait)

  function expire(): void {
    const isLate = now() - dueAt > LATE_MS
    if (!isLate || graces === MAX_GRACES) return onExpire(!isLate, wait)
    graces += 1
    const grace = Math.max(GRACE_MS, wait / 2)
    dueAt = now() + grace
    timer = setTimeout(expire, grace)
  }
  return () => clearTimeout(timer)
}
