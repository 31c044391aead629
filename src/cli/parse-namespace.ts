import { InvalidArgumentError } from 'commander'
import { namespaceProblem } from '../options/namespace.ts'

/** Reads a namespace from the command line. @throws InvalidArgumentError, which commander turns into a sentence and exit code 2 */
export function parseNamespace(text: string): string {
  const problem = namespaceProblem(text)
  if (problem !== undefined) throw new InvalidArgumentError(`It ${problem}.`)
  return text
}
