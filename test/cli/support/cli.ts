import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** `node_modules/.bin/fastmiss` of a project, as npm makes it: a link to the built program. */
const directory = temporaryFolder('bin')
const bin = join(directory, 'node_modules', '.bin')
mkdirSync(bin, { recursive: true })
symlinkSync(fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url)), join(bin, 'fastmiss'))

/** What came of a command. */
export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

/** A command that runs. */
export interface Running extends AsyncDisposable {
  readonly pid: number
  /** What it wrote so far. */
  readonly stdout: string
  readonly stderr: string
  /** Resolves with standard output, once it matches. @throws Error where the command ends before, with all it said */
  until(pattern: RegExp): Promise<string>
  /** Sends the signal to its process group, as a terminal does, and waits for its end. */
  end(signal?: NodeJS.Signals): Promise<Outcome>
  /** Closes the other end of its standard output, or of standard error. */
  hangUp(stream?: 'stdout' | 'stderr'): void
  readonly outcome: Promise<Outcome>
}

/**
 * Runs the built program through the link, by its shebang, with pipes for a terminal.
 *
 * @param args what stands behind `fastmiss`
 * @param env beside the variables of this process; undefined removes one
 * @param program another one than the built one
 */
export function start(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}, program: string = 'fastmiss'): Running {
  const { PATH = '', NO_COLOR, FORCE_COLOR, ...rest } = { ...process.env, ...env }
  const path = [bin, dirname(process.execPath), PATH].join(delimiter)
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    cwd: directory,
    env: { ...rest, ...(env['FORCE_COLOR'] === undefined ? {} : { FORCE_COLOR }), PATH: path },
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject).once('close', (exitCode, signal) => resolve({ stdout, stderr, exitCode, signal }))
  })
  async function end(signal: NodeJS.Signals = 'SIGINT'): Promise<Outcome> {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, signal)
    return outcome
  }
  return {
    pid: child.pid ?? 0,
    get stdout() {
      return stdout
    },
    get stderr() {
      return stderr
    },
    async until(pattern) {
      const ended = outcome.then((all) => {
        throw new Error(`it ended: ${JSON.stringify(all)}`)
      })
      ended.catch(() => {})
      while (!pattern.test(stdout)) await Promise.race([once(child.stdout, 'data'), ended])
      return stdout
    },
    end,
    hangUp: (stream = 'stdout') => void child[stream].destroy(),
    outcome,
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  }
}

/** Runs a command to its end. */
export async function fastmiss(...args: readonly string[]): Promise<Outcome> {
  await using running = start(args)
  return await running.outcome
}
