import { hasJumped } from './faulty.ts'
import { GRAIN, type Run } from './run.ts'

/**
 * A cooldown is ended by the answer to what was asked once it had passed, or by a `health()`, which asks during it: never by one to what
 * was asked before it began, which says nothing about now.
 */
export function judgeRecoveries(run: Run): string[] {
  if (hasJumped(run)) return []
  const { history, connections } = run
  return history.coolings.flatMap(({ isolate, node, began, ms, recovered }) => {
    if (recovered === undefined) return []
    const isForced = history.operations.some(
      ({ step, began: from, ended }) =>
        step.isolate === isolate && step.name === 'health' && from.order < recovered.order && (ended?.order ?? Infinity) > began.order,
    )
    const since = began.at + (isForced ? 0 : ms) - GRAIN
    const isProbed = connections[isolate]?.answers.some(
      ({ address, writtenAt, order }) => (node === undefined || address === node) && writtenAt >= since && order < recovered.order,
    )
    return isProbed === true ? [] : [`the cooldown of process ${isolate} of ${began.at.toFixed(1)} ms was ended by an answer from before it`]
  })
}
