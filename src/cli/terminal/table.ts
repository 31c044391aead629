import { stripVTControlCharacters } from 'node:util'

/**
 * Lays cells out in columns, two spaces apart. Styled text counts as wide as it looks.
 *
 * @param rows the first one may be the heading
 * @returns its lines, without a line end
 */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = []
  for (const row of rows) for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width(cell))
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)))
      .join('  ')
      .trimEnd(),
  )
}

function width(cell: string): number {
  return [...stripVTControlCharacters(cell)].length
}
