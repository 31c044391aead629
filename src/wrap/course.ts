import type { WrapContext } from './context.ts'

/** How a load goes on; whoever waits for it may change it. */
export interface Course {
  /** The caller has its answer, and the invocation may end: what is left is done in one of its own. */
  isAside: boolean
}

/** What is left to do after a loader: here, or aside. */
export async function onCourse<Outcome>(
  context: WrapContext,
  { isAside }: Course,
  work: (target: WrapContext) => Promise<Outcome>,
): Promise<Outcome> {
  if (!isAside) return work(context)
  const background = context.openBackground(context.now() + 2 * context.options.timeout)
  try {
    return await work(background.context)
  } finally {
    await background.close()
  }
}
