import type { Writer } from './writer.ts'

/** A line that says what happens now, drawn over itself. */
export interface Progress {
  show(text: string): void
  /** Takes the line away, before anything else is written. */
  clear(): void
}

const START_OF_EMPTY_LINE = '\r\u001B[2K'

/** @param to standard error, so that piped output stays clean; where it is no terminal nothing is drawn */
export function progress(to: Writer): Progress {
  if (!to.isTerminal) return { show: () => {}, clear: () => {} }
  return {
    // A longer text would wrap, and the next one would clear its last row only.
    show: (text) => to.write(START_OF_EMPTY_LINE + text.slice(0, to.columns - 1)),
    clear: () => to.write(START_OF_EMPTY_LINE),
  }
}
