import { listenForEnd } from './interrupt.ts'
import { type Writer, writer } from './writer.ts'

/** What a command has of the world. */
export interface Terminal {
  /** For what was asked for: text, or JSON and nothing else with `--json`. */
  readonly out: Writer
  /** For what is said beside it: progress, warnings, errors. */
  readonly err: Writer
  /**
   * Aborted by Ctrl-C (SIGINT), SIGTERM, SIGHUP, and when nobody reads standard output any more. A command then stops what it started and
   * returns.
   */
  readonly signal: AbortSignal
  /** The same without a reader that went away: the exit code is then not the command's concern. */
  readonly decided: AbortSignal
  /** Resolves when `signal` is aborted. */
  readonly interrupted: Promise<void>
  /** Writes a value to standard output as one line of JSON. */
  json(value: unknown): void
}

/** @returns the terminal of this process */
export function openTerminal(): Terminal {
  const out = writer(process.stdout)
  const { signal, decided, interrupted } = listenForEnd(process)
  return { out, err: writer(process.stderr), signal, decided, interrupted, json: (value) => out.line(JSON.stringify(value)) }
}
