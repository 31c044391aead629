import type { Parts } from '../store/parts.ts'

/** How a load goes on; whoever waits for it may change it. */
export interface Course {
  /** The caller has its answer, and the invocation may end: what is left is done in one of its own. */
  isAside: boolean
}

/** What is left to do after a loader: here, or aside. */
export async function onCourse<Outcome>(parts: Parts, { isAside }: Course, work: (target: Parts) => Promise<Outcome>): Promise<Outcome> {
  if (!isAside) return work(parts)
  const aside = parts.aside(parts.now() + 2 * parts.options.timeout)
  try {
    return await work(aside.parts)
  } finally {
    await aside.close()
  }
}
