import type { Listed, PackedRuntime } from './packed.ts'

/** A runtime, and what it was seen to do. */
export interface Seen extends Pick<PackedRuntime, 'name' | 'wires'> {
  readonly listed: Listed
}

/** A row for each runtime, a column for each case. */
export function rowsOf(seen: readonly Seen[]): string[][] {
  const titles = Object.keys(seen[0]?.listed.report ?? {})
  const heads = ['', 'over', ...titles, '`import` without a warning', '`require`', 'nothing is left']
  const lines = seen.map(({ name, wires, listed }) => [
    name,
    wires.join(', '),
    ...titles.map((title) => mark(isWell(listed.report[title]))),
    mark(listed.warnings === ''),
    mark(listed.isRequired),
    // Whose process did not end, or who left a connection, is no row.
    mark(true),
  ])
  return [heads, ...lines]
}

/** Over every wire that the runtime has. */
function isWell(row: Readonly<Record<string, string>> = {}): boolean {
  return Object.values(row).every((outcome) => outcome === 'ok')
}

/** A dash where the runtime knows no such thing. */
function mark(isTrue: boolean | undefined): string {
  return isTrue === undefined ? '–' : isTrue ? '✓' : '✗'
}
