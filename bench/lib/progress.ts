/** A line that says how far it is, drawn over itself. */
export interface Progress {
  show(text: string): void
  /** Takes the line away, before anything else is written. */
  clear(): void
}

const START_OF_EMPTY_LINE = '\r\u001B[2K'

/** @param stream standard error; where it is no terminal, nothing is drawn: a pipe or a file would keep every step */
export function progress(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>): Progress {
  if (!stream.isTTY) return { show: () => {}, clear: () => {} }
  return {
    // A longer text would wrap, and the next one would clear its last row only.
    show: (text) => void stream.write(START_OF_EMPTY_LINE + text.slice(0, (stream.columns || 80) - 1)),
    clear: () => void stream.write(START_OF_EMPTY_LINE),
  }
}
