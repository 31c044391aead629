import { judge } from './judge.ts'
import type { Item, Plan } from './plan.ts'
import { runPlan } from './run-plan.ts'

/** Runs that cutting down may take. */
const MAX_RUNS = 2_000

/**
 * Leaves out of a plan what its failure does not need: halves first, then less, until nothing more can go.
 *
 * @param isFailing default: a promise was broken
 * @returns the shortest plan found that still fails
 */
export async function shrink(plan: Plan, isFailing: (plan: Plan) => Promise<boolean> = breaksAPromise): Promise<Plan> {
  let items: readonly Item[] = plan.items
  let runs = 0
  for (let size = Math.ceil(items.length / 2); size >= 1 && runs < MAX_RUNS;) {
    let hasShrunk = false
    for (let start = 0; start < items.length && runs < MAX_RUNS;) {
      const rest = [...items.slice(0, start), ...items.slice(start + size)]
      runs += 1
      if (await isFailing({ ...plan, items: rest })) {
        items = rest
        hasShrunk = true
      } else start += size
    }
    if (!hasShrunk) size = size === 1 ? 0 : Math.ceil(size / 2)
  }
  return { ...plan, items }
}

async function breaksAPromise(plan: Plan): Promise<boolean> {
  return judge(await runPlan(plan)).length > 0
}
