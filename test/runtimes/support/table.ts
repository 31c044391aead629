import type { Listed, PackedRuntime } from './packed.ts'

/** A runtime, and what it was seen to do. */
export interface Seen extends Pick<PackedRuntime, 'name' | 'wires'> {
  readonly listed: Listed
}

const BEGIN = '<!-- written by test/runtimes/packed.test.ts -->'
const END = '<!-- end -->'

/** The table of a page: a row for each runtime, a column for each case. */
export function tableOf(rows: readonly Seen[]): string {
  const titles = Object.keys(rows[0]?.listed.report ?? {})
  const heads = ['', 'over', ...titles, '`import` without a warning', '`require`', 'nothing is left']
  const lines = rows.map(({ name, wires, listed }) => [
    name,
    wires.join(', '),
    ...titles.map((title) => mark(isWell(listed.report[title]))),
    mark(listed.warnings === ''),
    mark(listed.isRequired),
    // Whose process did not end, or who left a connection, is no row.
    mark(true),
  ])
  return [heads, heads.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`.replace('|  |', '| |')).join('\n')
}

/** A page with its table replaced. @throws where it has no place for one */
export function withTable(page: string, table: string): string {
  const [before, rest] = page.split(`${BEGIN}\n`)
  const [, after] = rest?.split(END) ?? []
  if (before === undefined || after === undefined) throw new Error(`There is no ${BEGIN} … ${END} to put the table between`)
  return `${before}${BEGIN}\n\n${table}\n\n${END}${after}`
}

/** Over every wire that the runtime has. */
function isWell(row: Readonly<Record<string, string>> = {}): boolean {
  return Object.values(row).every((outcome) => outcome === 'ok')
}

/** A dash where the runtime knows no such thing. */
function mark(isTrue: boolean | undefined): string {
  return isTrue === undefined ? '–' : isTrue ? '✓' : '✗'
}
