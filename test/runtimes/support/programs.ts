import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const INSTALLED = fileURLToPath(new URL('../programs/node_modules', import.meta.url))

/** Finds a program that is installed beside the tests. */
export function programIn(pattern: string): string {
  const program = findProgram(pattern)
  if (program === undefined) throw new Error('Bun and Deno are not installed beside the tests. Run: npm run peers')
  return program
}

/** @returns undefined where it is not there: npm has not every release for every machine */
export function findProgram(pattern: string): string | undefined {
  return globSync(`${INSTALLED}/${pattern}`)[0]
}

/** The end of a process that printed one line of JSON. */
export interface Ended {
  readonly said: { readonly at: number }
  readonly stderr: string
  /** Between what it said at its end and the end of the process, ms. */
  readonly exitMs: number
}

/** Runs a program that prints one line of JSON, with the time, and must end by itself. */
export async function runToItsEnd(program: string, args: readonly string[], cwd?: string): Promise<Ended> {
  const child = spawn(program, args, { timeout: 20_000, cwd })
  const exited = new Promise<number>((resolve) => child.on('exit', () => resolve(Date.now())))
  const [stdout, stderr, exitedAt] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  if (child.exitCode !== 0) throw new Error(`${program} ended with ${child.exitCode ?? child.signalCode}\n${stdout}${stderr}`)
  const said = JSON.parse(stdout) as { readonly at: number }
  return { said, stderr, exitMs: exitedAt - said.at }
}
