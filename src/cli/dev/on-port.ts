import { CommandFailed } from '../command-failed.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Where a server listens unless told otherwise. */
export interface Usual {
  /** The option that tells otherwise. */
  readonly option: string
  readonly port: number
}

/**
 * Starts a server on the port that was asked for, else on the usual one, else on any.
 *
 * @param start takes `{ port }`, or `{}` for any free one
 * @throws CommandFailed where the port that was asked for is taken
 */
export async function onPort<Server>(
  usual: Usual,
  asked: number | undefined,
  terminal: Terminal,
  start: (at: { readonly port?: number }) => Promise<Server>,
): Promise<Server> {
  if (asked === 0) return start({})
  const port = asked ?? usual.port
  try {
    return await start({ port })
  } catch (error) {
    if (!isTaken(error)) throw error
  }
  if (asked !== undefined) throw new CommandFailed(`${usual.option}: port ${port} is taken by another program`)
  terminal.err.line(terminal.err.paint('yellow', `Port ${port} is taken by another program: any free one instead (${usual.option})`))
  return start({})
}

/** Node's words are those of redis-server. */
function isTaken(error: unknown): boolean {
  return error instanceof Error && /address already in use/i.test(error.message)
}
