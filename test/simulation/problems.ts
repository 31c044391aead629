import { judge } from './judge.ts'
import { planOf } from './plan.ts'
import { runPlan } from './run-plan.ts'

/** Runs a seed. @returns what was wrong, a line each */
export async function problemsOf(seed: number): Promise<readonly string[]> {
  return judge(await runPlan(planOf(seed)))
}
