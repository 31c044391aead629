import { BROKEN, type EndSignal, interruptedBy } from '../exit-code.ts'

/** The one end that everything in a command listens to. */
export interface Interrupt {
  readonly signal: AbortSignal
  readonly interrupted: Promise<void>
  /** Aborted where the exit code stands already, whatever the command makes of its end: not by a reader that went away. */
  readonly decided: AbortSignal
}

/** ms that a command has to stop what it started. */
const GRACE = 5_000

/**
 * Turns the signals that end a process, and a reader that went away (`fastmiss dev | head -1`), into an abort. A second signal, or a
 * command that does not come to its end, ends the process at once; what it started ends with it.
 */
export function listenForEnd(host: NodeJS.Process): Interrupt {
  const [ending, deciding] = [new AbortController(), new AbortController()]
  const { signal } = ending
  const interrupted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))

  function stop(code: number): void {
    ending.abort()
    setTimeout(() => {
      host.stderr.write('fastmiss: not everything stopped in time\n')
      host.exit(code)
    }, GRACE).unref()
  }
  function end(code: number): void {
    if (signal.aborted) host.exit(code)
    host.exitCode = code
    deciding.abort()
    stop(code)
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies EndSignal[]) host.on(name, () => end(interruptedBy(name)))
  host.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (signal.aborted) return
    if (error.code === 'EPIPE') return stop(BROKEN)
    host.stderr.write(`fastmiss: standard output cannot be written (${error.code ?? error.name})\n`)
    end(BROKEN)
  })
  // What is said beside it may go unheard: what was asked for goes on.
  host.stderr.on('error', () => {})
  return { signal, interrupted, decided: deciding.signal }
}
