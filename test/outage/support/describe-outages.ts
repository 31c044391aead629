import { describe, test, vi } from 'vitest'
import { CASES, type OutageCase, seenOf } from './cases.ts'
import { type Observation, observe } from './observe.ts'
import type { FaultRow } from './outage.ts'
import type { Runtime } from './runtime.ts'

/** A whole story takes two seconds or three, and a busy machine longer. */
const TEST_TIMEOUT = 60_000

/** Stories under way at once. They wait more than they work. */
const AT_ONCE = 8

/**
 * Tests every case for every fault in every runtime. Each story is played once, by the first test that asks for it.
 *
 * @param atOnce fewer stories at once, where their servers are part of this process
 * @param isPromised cases that are left out are not promised there
 */
export function describeOutages(
  rows: readonly FaultRow[],
  runtimes: readonly Runtime[],
  atOnce: number = AT_ONCE,
  isPromised: (name: string) => boolean = () => true,
): void {
  vi.setConfig({ maxConcurrency: atOnce })
  const promised = CASES.filter(({ name }) => isPromised(name))
  const stories = runtimes.flatMap((runtime) =>
    rows.filter(({ notIn }) => notIn?.[runtime.name] === undefined).map((row) => storyOf(row, runtime, promised)),
  )
  for (const { name, check, isFor = () => true } of promised) {
    const told = stories.filter(({ runtime }) => isFor(runtime))
    if (told.length === 0) continue
    // One case after the other: otherwise all of them would wait for one and the same story.
    describe(name, { timeout: TEST_TIMEOUT }, () => {
      // Not test.each: it cuts long titles off.
      for (const { title, row, runtime, observed } of told) {
        test.concurrent(title, async ({ task }) => {
          const isRetry = (task.result?.retryCount ?? 0) > 0
          check(seenOf(row, runtime, await observed(isRetry)))
        })
      }
    })
  }
}

function storyOf(
  row: FaultRow,
  runtime: Runtime,
  promised: readonly OutageCase[],
): { title: string; row: FaultRow; runtime: Runtime; observed: (isRetry: boolean) => Promise<Observation> } {
  const cases = promised.filter(({ isFor = () => true }) => isFor(runtime))
  let playing: Promise<Observation> | undefined
  return {
    title: `${runtime.name}, ${row.name}`,
    row,
    runtime,
    observed: (isRetry) => (isRetry ? play(row, runtime, cases) : (playing ??= play(row, runtime, cases))),
  }
}

/**
 * The story is played once more where a promise was not kept, and the second time counts: a busy machine can break a bound, a fault does
 * so again.
 */
async function play(row: FaultRow, runtime: Runtime, cases: readonly OutageCase[]): Promise<Observation> {
  const observed = await observe(row, runtime).catch(() => undefined)
  return observed !== undefined && isKept(row, runtime, observed, cases) ? observed : observe(row, runtime)
}

function isKept(row: FaultRow, runtime: Runtime, observed: Observation, cases: readonly OutageCase[]): boolean {
  try {
    for (const { check } of cases) check(seenOf(row, runtime, observed))
    return true
  } catch {
    return false
  }
}
