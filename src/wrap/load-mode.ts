import type { WrapContext } from './context.ts'

/** Whether a load still belongs to the call that began it. It may change while the load runs. */
export interface LoadMode {
  /** The caller has its answer, and its invocation may end: what is left to do gets an invocation of its own. */
  isDetached: boolean
}

/** Does what is left after a loader: in the caller's invocation, or in one in the background. */
export async function runInMode<Outcome>(
  context: WrapContext,
  { isDetached }: LoadMode,
  work: (target: WrapContext) => Promise<Outcome>,
): Promise<Outcome> {
  if (!isDetached) return work(context)
  const background = context.openBackground(context.now() + 2 * context.options.timeout)
  try {
    return await work(background.context)
  } finally {
    await background.close()
  }
}
