import type { Style, Writer } from '../terminal/writer.ts'
import type { Result } from './examine.ts'

const MARKS: Readonly<Record<Result['status'], readonly [mark: string, style: Style]>> = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  failed: ['✗', 'red'],
  skipped: ['–', 'dim'],
}
const NAME_WIDTH = 'round trips'.length
const TIME_WIDTH = '1234.5 ms'.length
const INDENT = ' '.repeat(2 + NAME_WIDTH + 2 + TIME_WIDTH + 2)

/** One line as soon as it is known, and what to do below it. */
export function printResult(out: Writer, { step, status, ms, finding, hint }: Result): void {
  const [mark, style] = MARKS[status]
  const time = (ms === undefined ? '' : `${ms.toFixed(1)} ms`).padStart(TIME_WIDTH)
  const text = `${step.padEnd(NAME_WIDTH)}  ${time}  ${finding}`
  out.line(`${out.paint(style, mark)} ${status === 'skipped' ? out.paint('dim', text) : text}`)
  if (hint !== undefined) out.line(`${INDENT}${out.paint(style, '→')} ${hint}`)
}
