import { oneLine } from '../terminal/one-line.ts'
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

/** Prints results. */
export interface ResultPrinter {
  /** One line as soon as it is known, and what to do below it. Steps that are left out for one reason share a line. */
  print(result: Result): void
  /** What is still held back. */
  end(): void
}

/** @returns one for one examination */
export function createResultPrinter(out: Writer): ResultPrinter {
  let leftOut: Result[] = []

  function print(result: Result): void {
    if (result.status === 'skipped' && (leftOut.length === 0 || leftOut[0]?.finding === result.finding)) return void leftOut.push(result)
    end()
    if (result.status === 'skipped') leftOut.push(result)
    else printOne(out, result)
  }
  function end(): void {
    const [first, ...others] = leftOut
    leftOut = []
    if (first === undefined) return
    if (others.length === 0) return printOne(out, first)
    const names = [first, ...others].map(({ step }) => step).join(', ')
    out.line(out.paint('dim', `${MARKS.skipped[0]} ${names}: ${oneLine(first.finding)}`))
  }
  return { print, end }
}

/** A server may have said anything: names and settings are shown as it told them. */
function printOne(out: Writer, { step, status, ms, finding, hint }: Result): void {
  const [mark, style] = MARKS[status]
  const time = (ms === undefined ? '' : `${ms.toFixed(1)} ms`).padStart(TIME_WIDTH)
  const text = `${step.padEnd(NAME_WIDTH)}  ${time}  ${oneLine(finding)}`
  out.line(`${out.paint(style, mark)} ${status === 'skipped' ? out.paint('dim', text) : text}`)
  if (hint !== undefined) out.line(`${INDENT}${out.paint(style, '→')} ${oneLine(hint)}`)
}
