import type { Examination, Result } from '../../../src/cli/doctor/examine.ts'
import { start } from './cli.ts'

/** What the doctor said, and how long it took, program start included (ms). */
export interface Visit extends Examination {
  readonly exitCode: number | null
  readonly took: number
  readonly stderr: string
  step(name: Result['step']): Result | undefined
}

let startMs: Promise<number> | undefined

/** ms that starting the program takes on this machine now, beyond the 150 of a quiet one: others may keep it busy. */
export function slowStart(): Promise<number> {
  return (startMs ??= measureStart())
}

async function measureStart(): Promise<number> {
  const startedAt = performance.now()
  await using running = start(['--version'])
  await running.outcome
  return Math.max(0, performance.now() - startedAt - 150)
}

/** Environment variables of the machine that runs the tests must not be what is examined. */
export const NO_ENVIRONMENT = { REDIS_URL: undefined, UPSTASH_REDIS_REST_URL: undefined, KV_REST_API_URL: undefined } as const

/** Runs `fastmiss doctor --json` to its end. */
export async function doctor(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Promise<Visit> {
  const startedAt = performance.now()
  await using running = start(['doctor', '--json', ...args], { ...NO_ENVIRONMENT, ...env })
  const { stdout, stderr, exitCode } = await running.outcome
  const examination = JSON.parse(stdout) as Examination
  return {
    ...examination,
    exitCode,
    took: performance.now() - startedAt,
    stderr,
    step: (name) => examination.steps.find(({ step }) => step === name),
  }
}
