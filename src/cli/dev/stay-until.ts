import { MAX_DELAY } from '../../options/checks.ts'

/** The servers keep no process alive. */
export async function stayUntil(interrupted: Promise<void>): Promise<void> {
  const timer = setInterval(() => {}, MAX_DELAY)
  await interrupted
  clearInterval(timer)
}
