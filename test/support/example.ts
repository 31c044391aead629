import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * An example of a document as a file of its own, beside the test; inside the project, so that it imports the package by name.
 *
 * @param document from the project's root, such as README.md
 * @param name as in `<!-- example: name -->` before the code
 * @param beside the directory that it is put in
 */
export async function example(document: string, name: string, beside: string) {
  const text = await readFile(document, 'utf8')
  const code = new RegExp(`<!-- example: ${name} -->\\n\`\`\`ts\\n(.*?)\`\`\``, 's').exec(text)?.[1]
  if (code === undefined) throw new Error(`${document} has no example ${name}`)
  const directory = await mkdtemp(join(process.cwd(), beside, '.example-'))
  const path = join(directory, 'example.ts')
  await writeFile(path, code)
  return { path, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) }
}
