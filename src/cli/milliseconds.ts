import { InvalidArgumentError } from 'commander'

/** Reads a duration from the command line. @throws InvalidArgumentError, which commander turns into a sentence and exit code 2 */
export function parseMilliseconds(text: string): number {
  const ms = Number(text)
  if (!/^\d+$/.test(text) || ms < 1 || ms > 600_000) throw new InvalidArgumentError('Expected whole milliseconds, 1 to 600000.')
  return ms
}
