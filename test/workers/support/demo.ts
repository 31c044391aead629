import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** The demonstration, as a terminal runs it. */
export interface Demo {
  /** What it printed until it was ready. */
  readonly text: string
  readonly origin: string
  /** Ctrl-C, and when it has ended. */
  interrupt(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Runs what `npm start` runs after the build, in a process group of its own.
 *
 * @param args what stands behind `npm start --`
 * @param env variables beside those of this process
 */
export async function startDemo(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Demo> {
  const child = spawn(process.execPath, ['workers/local/start.ts', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
    env: { ...process.env, ...env },
  })
  const exited = once(child, 'exit')
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (line.startsWith('Ctrl-C')) break
  }
  const text = lines.join('\n')
  async function interrupt(): Promise<void> {
    // The whole group, as the terminal does.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT')
    await exited
  }
  return { text, origin: /at (http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1] ?? '', interrupt, [Symbol.asyncDispose]: interrupt }
}
