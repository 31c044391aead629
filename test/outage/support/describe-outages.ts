import { describe, test } from 'vitest'
import { CASES, seenOf } from './cases.ts'
import { type Observation, observe } from './observe.ts'
import type { FaultRow } from './outage.ts'
import type { Runtime } from './runtime.ts'

/** A whole story takes two seconds or three, and a busy machine longer. */
const TEST_TIMEOUT = 60_000

/**
 * Tests every case for every fault in every runtime. Each story is played once, by the first test that asks for it, a few at a
 * time: they wait more than they work.
 */
export function describeOutages(rows: readonly FaultRow[], runtimes: readonly Runtime[]): void {
  const stories = runtimes.flatMap((runtime) => rows.map((row) => storyOf(row, runtime)))
  for (const { name, check } of CASES) {
    describe.concurrent(name, { timeout: TEST_TIMEOUT }, () => {
      test.each(stories)('$title', async ({ row, runtime, observed }) => check(seenOf(row, runtime, await observed())))
    })
  }
}

function storyOf(row: FaultRow, runtime: Runtime): { title: string; row: FaultRow; runtime: Runtime; observed: () => Promise<Observation> } {
  let playing: Promise<Observation> | undefined
  return { title: `${runtime.name}, ${row.name}`, row, runtime, observed: () => (playing ??= observe(row, runtime)) }
}
