import type { Examination, Result } from '../../../src/cli/doctor/examine.ts'
import { doctorCommand } from '../../../src/cli/doctor/command.ts'
import { run } from '../../../src/cli/run.ts'
import type { Terminal } from '../../../src/cli/terminal/terminal.ts'
import type { Writer } from '../../../src/cli/terminal/writer.ts'
import { type Outcome, start } from './cli.ts'

/** What the doctor said, and how long it took (ms), with the start of the program where it is one. */
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

// The build puts it in.
Object.assign(globalThis, { NODE_REDIS_VERSION: 'of the build' })

/** What a command line came to. */
type Told = Pick<Outcome, 'stdout' | 'stderr' | 'exitCode'>

/**
 * Runs `fastmiss doctor` to its end, in this process: starting a program costs more than all that the doctor does. For what changes a
 * process (`--ca`), its environment, or its end, there is {@link doctorProgram}.
 */
export async function doctorHere(args: readonly string[]): Promise<Told> {
  for (const name of Object.keys(NO_ENVIRONMENT)) delete process.env[name]
  let [stdout, stderr] = ['', '']
  const out = plainWriter((text) => (stdout += text))
  const { signal } = new AbortController()
  const terminal: Terminal = {
    out,
    err: plainWriter((text) => (stderr += text)),
    signal,
    decided: signal,
    interrupted: new Promise(() => {}),
    json: (value) => out.line(JSON.stringify(value)),
  }
  const exitCode = await run(['doctor', ...args], terminal, [doctorCommand(terminal)])
  return { stdout, stderr, exitCode }
}

function plainWriter(write: (text: string) => void): Writer {
  return { isTerminal: false, columns: 80, write, line: (text = '') => write(`${text}\n`), paint: (_, text) => text }
}

/** {@link doctorHere} with `--json`. */
export function doctor(args: readonly string[]): Promise<Visit> {
  return visited(() => doctorHere(['--json', ...args]))
}

/** Runs the built program, `fastmiss doctor --json`, to its end. */
export function doctorProgram(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Promise<Visit> {
  return visited(async () => {
    await using running = start(['doctor', '--json', ...args], { ...NO_ENVIRONMENT, ...env })
    return await running.outcome
  })
}

async function visited(run: () => Promise<Told>): Promise<Visit> {
  const startedAt = performance.now()
  const { stdout, stderr, exitCode } = await run()
  const examination = JSON.parse(stdout) as Examination
  return {
    ...examination,
    exitCode,
    took: performance.now() - startedAt,
    stderr,
    step: (name) => examination.steps.find(({ step }) => step === name),
  }
}
