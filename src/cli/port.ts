import { InvalidArgumentError } from 'commander'

/** Reads a TCP port from the command line. @throws InvalidArgumentError, which commander turns into a sentence and exit code 2 */
export function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('Expected a port: 0 (any free one) to 65535.')
  return port
}
