import { readFile } from 'node:fs/promises'

/** The rows of a table of a document, cell by cell; the table stands below `<!-- table: name -->`. */
export async function table(document: string, name: string): Promise<string[][]> {
  const found = new RegExp(`<!-- table: ${name} -->\\n\\|.*\\n\\|[-|]+\\n((?:\\|.*\\n)+)`).exec(await readFile(document, 'utf8'))?.[1]
  if (found === undefined) throw new Error(`${document} has no table ${name}`)
  return found
    .trim()
    .split('\n')
    .map((row) => row.slice(1, -1).split('|'))
    .map((cells) => cells.map((cell) => cell.trim()))
}
