import { styleText } from 'node:util'

/** What `styleText` takes: `'green'`, `['bold', 'red']`. */
export type Style = Parameters<typeof styleText>[0]

/** One of the two streams of a command. */
export interface Writer {
  /** Whether a person looks on: no progress is drawn for a file. */
  readonly isTerminal: boolean
  /** Columns to write in; 80 where it is not a terminal. */
  readonly columns: number
  /** Writes the text and ends the line. */
  line(text?: string): void
  /** Writes the text as it is. */
  write(text: string): void
  /** @returns the text in a style; as it is when piped, or where NO_COLOR says so */
  paint(style: Style, text: string): string
}

/** @param stream standard output or standard error */
export function writer(stream: NodeJS.WriteStream): Writer {
  const write = (text: string): void => {
    stream.write(text)
  }
  return {
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80
    },
    line: (text = '') => write(`${text}\n`),
    write,
    // It asks the stream: a pipe, NO_COLOR, NODE_DISABLE_COLORS, FORCE_COLOR, a dumb terminal.
    paint: (style, text) => styleText(style, text, { stream }),
  }
}
