import type { Run } from './run.ts'

/** No connection is tried without an operation behind it, nor by one of them twice over. */
export function judgeDials({ plan, connections, history }: Run): string[] {
  const each = plan.nodes === 1 ? 1 : plan.nodes + 1
  return connections.flatMap(({ dials }, isolate) => {
    const own = [...history.operations.filter((one) => one.step.isolate === isolate), ...history.background.filter((one) => one.isolate === isolate)]
    const orphan = dials.find((dial) => !own.some((one) => one.began.order < dial.order && (one.ended?.order ?? Infinity) > dial.order))
    const problems = orphan === undefined ? [] : [`process ${isolate} dialled at ${orphan.at.toFixed(1)} ms with no operation behind it`]
    const rounds = own.reduce((sum, one) => sum + ('step' in one && !one.step.name.startsWith('wrap') ? 2 : 6), 0)
    return dials.length <= rounds * each ? problems : [...problems, `process ${isolate} dialled ${dials.length} times for ${own.length} operations`]
  })
}

/** Nothing is left once everything was closed. */
export function judgeEnd({ connections, timersLeft, unclosed, history }: Run): string[] {
  const open = connections.reduce((sum, one) => sum + one.open(), 0)
  return [
    ...(open === 0 ? [] : [`${open} connections were left open`]),
    ...(timersLeft === 0 ? [] : [`${timersLeft} timers were left`]),
    ...(unclosed === 0 ? [] : [`${unclosed} caches never closed`]),
    ...(history.background.every((one) => one.ended !== undefined) ? [] : ['work in the background never ended']),
  ]
}
