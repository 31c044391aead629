import type { Background, Instant, Operation } from './history.ts'
import type { Run } from './run.ts'

/** Calls outside of an invocation share one, from the first until none is under way. @returns when it began */
export function rootBegan({ history }: Run, { step, began }: Operation): Instant {
  const own = [...history.operations, ...history.background].filter((one) => isRootOf(step.isolate, one))
  let first = began
  // By their ends, the last first: each that was under way when the earliest so far began takes it further back.
  for (const one of own.toSorted((a, b) => (b.ended?.order ?? Infinity) - (a.ended?.order ?? Infinity))) {
    if (one.began.order < first.order && (one.ended?.order ?? Infinity) > first.order) first = one.began
  }
  return first
}

function isRootOf(isolate: number, one: Operation | Background): boolean {
  return 'step' in one ? one.step.isolate === isolate && one.step.invocation === undefined : one.isolate === isolate
}
