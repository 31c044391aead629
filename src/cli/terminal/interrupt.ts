import { type EndSignal, interruptedBy } from '../exit-code.ts'

/** The one end that everything in a command listens to. */
export interface Interrupt {
  readonly signal: AbortSignal
  readonly interrupted: Promise<void>
}

/** ms that a command has to stop what it started. */
const GRACE = 5_000

/**
 * Turns the signals that end a process, and a reader that went away (`fastmiss dev | head -1`), into an abort. A second signal, or a
 * command that does not come to its end, ends the process at once; what it started ends with it.
 */
export function listenForEnd(host: NodeJS.Process): Interrupt {
  const controller = new AbortController()
  const { signal } = controller
  const interrupted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))

  function end(code: number): void {
    if (signal.aborted) host.exit(code)
    host.exitCode = code
    controller.abort()
    setTimeout(() => {
      host.stderr.write('fastmiss: not everything stopped in time\n')
      host.exit(code)
    }, GRACE).unref()
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies EndSignal[]) host.on(name, () => end(interruptedBy(name)))
  host.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    if (!signal.aborted) end(0)
  })
  // What is said beside it may go unheard: what was asked for goes on.
  host.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return { signal, interrupted }
}
