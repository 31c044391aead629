import type { Drill } from '../../../src/cli/drill/drill.ts'
import { type Outcome, start } from './cli.ts'
import { NO_ENVIRONMENT } from './doctor.ts'

/** Short faults with short memories: what is promised is the same. */
export const QUICK = ['--span', '700', '--cooldown', '300'] as const

/** Runs `fastmiss drill --json` to its end. */
export async function drill(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Drill & Outcome> {
  await using running = start(['drill', '--json', ...QUICK, ...args], { ...NO_ENVIRONMENT, ...env })
  const outcome = await running.outcome
  if (outcome.stdout === '') throw new Error(outcome.stderr)
  return { ...(JSON.parse(outcome.stdout) as Drill), ...outcome }
}
