import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** A JavaScript runtime, as a program that runs a file of cases. */
export interface Runtime {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  /** For cases that start servers. */
  readonly argsWithEverything: readonly string[]
}

/** What a case gave back, and the end of its process. */
export interface Outcome {
  readonly result: unknown
  /** Between the answer of the case and the end of the process, ms. */
  readonly exitMs: number
}

const INSTALLED = fileURLToPath(new URL('../programs/node_modules', import.meta.url))
const CASES = fileURLToPath(new URL('cases.ts', import.meta.url))

export const runtimes: readonly Runtime[] = [
  { name: 'Node', program: process.execPath, args: [], argsWithEverything: [] },
  { name: 'Bun', program: programIn('@oven/bun-*/bin/bun'), args: ['run'], argsWithEverything: ['run'] },
  {
    name: 'Deno',
    program: programIn('@deno/*/deno'),
    // The one permission that a cache needs.
    args: ['run', '--no-prompt', '--allow-net=127.0.0.1'],
    argsWithEverything: ['run', '--allow-all'],
  },
]

/** Runs one case of `cases.ts` in a process of its own, which must end by itself. */
export async function runCase({ program, args, argsWithEverything }: Runtime, name: string, given: object = {}): Promise<Outcome> {
  const flags = name === 'testing' || name === 'forgotten' ? argsWithEverything : args
  const child = spawn(program, [...flags, CASES, name, JSON.stringify(given)], { timeout: 20_000 })
  const exited = new Promise<number>((resolve) => child.on('exit', () => resolve(Date.now())))
  const [stdout, stderr, exitedAt] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  if (child.exitCode !== 0) throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode}\n${stdout}${stderr}`)
  const { result, at } = JSON.parse(stdout) as { readonly result: unknown; readonly at: number }
  return { result, exitMs: exitedAt - at }
}

function programIn(pattern: string): string {
  const [program] = globSync(`${INSTALLED}/${pattern}`)
  if (program === undefined) throw new Error('Bun and Deno are not installed beside the tests. Run: npm run peers')
  return program
}
