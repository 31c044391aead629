import { readFile, writeFile } from 'node:fs/promises'
import { expect } from 'vitest'

/**
 * Holds a page to a table that a test makes, between `<!-- written by … -->` and `<!-- end -->`. With `UPDATE=1` in the environment it
 * is written instead.
 *
 * @param page from the project's root, such as README.md
 * @param writer the test's file, from there
 */
export async function holdTable(page: string, writer: string, rows: readonly (readonly string[])[]): Promise<void> {
  const text = await readFile(page, 'utf8')
  const begin = `<!-- written by ${writer} -->\n`
  const [before, rest] = text.split(begin)
  const [, after] = rest?.split(/(?=<!-- end -->)/) ?? []
  if (before === undefined || after === undefined) throw new Error(`${page} has no ${begin} … <!-- end --> to put a table between`)
  const wanted = `${before}${begin}\n${tableOf(rows)}\n\n${after}`
  if (process.env['UPDATE'] === undefined) expect(text, `UPDATE=1 npx vitest run ${writer} writes ${page}`).toBe(wanted)
  else await writeFile(page, wanted)
}

function tableOf([heads = [], ...lines]: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`.replace('|  |', '| |')).join('\n')
}
