import { fileURLToPath } from 'node:url'
import { programIn, runToItsEnd } from './programs.ts'

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
  const { said, exitMs } = await runToItsEnd(program, [...flags, CASES, name, JSON.stringify(given)])
  return { result: (said as unknown as { readonly result: unknown }).result, exitMs }
}
