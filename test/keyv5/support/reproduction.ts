import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Keyv5Project, loadKeyv5Project } from './keyv5-project.ts'

/** What became of a reporter's script. */
export interface Reproduction {
  /** What it printed, line by line. */
  readonly lines: readonly string[]
  readonly stderr: string
  /** Sockets that it began to connect. */
  readonly dials: number
  /** Its exit code; undefined where it was still running when its time was over, and was killed. */
  readonly code: number | undefined
}

/** How long a script may run, in ms, and what is to happen when it prints a line. It goes on when the answer is there. */
export interface ReproductionOptions {
  readonly patience: number
  readonly onLine?: (line: string) => Promise<void> | undefined
}

/** Counts the sockets that the process connects, a byte each on a pipe of its own. */
const COUNT_DIALS = `
import { subscribe } from 'node:diagnostics_channel'
import { writeSync } from 'node:fs'
subscribe('net.client.socket', () => writeSync(3, '.'))
`

/** For a script that asks for something from outside: says what, and waits until it is done. */
export const ASK = `
const ask = async (line) => {
  console.log(line)
  process.stdin.resume()
  await new Promise((resolve) => process.stdin.once('data', resolve))
  process.stdin.pause().unref()
}
`

/** Runs a script in a project with Keyv 5, where both `@keyv/redis` and `fastmiss` are installed, as its reporter did. */
export async function reproduce(script: string, { patience, onLine }: ReproductionOptions): Promise<Reproduction> {
  await using project: Keyv5Project & { folder: string } & AsyncDisposable = await loadKeyv5Project()
  const [preload, file] = [join(project.folder, 'count-dials.mjs'), join(project.folder, 'reproduction.mjs')]
  await Promise.all([writeFile(preload, COUNT_DIALS), writeFile(file, script)])
  const child = spawn(process.execPath, ['--import', preload, file], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] })
  const lines: string[] = []
  let [rest, stderr, dials, isKilled] = ['', '', 0, false]
  child.stdout?.on('data', (chunk) => {
    const parts = (rest + String(chunk)).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    for (const line of parts) void onLine?.(line)?.then(() => child.stdin?.write('done\n'))
  })
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)))
  child.stdio[3]?.on('data', (chunk: Uint8Array) => (dials += chunk.length))
  const timer = setTimeout(() => (isKilled = child.kill('SIGKILL')), patience)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearTimeout(timer)
  return { lines, stderr, dials, code: isKilled ? undefined : (code ?? undefined) }
}
