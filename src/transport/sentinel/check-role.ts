import { CacheError } from '../../errors.ts'
import type { Command, Connection, Reply, Transport } from '../transport.ts'

const ROLE: Command = ['ROLE']
/** ms after which a connection that was kept is asked again: a primary that was demoted goes on answering reads. */
const RECHECK = 1_000

/**
 * Asks for the role in the first pipeline of each connection, and now and then of one that is kept. What a replica says in a primary's place
 * is no answer.
 *
 * @param role that the server must have
 */
export function checkRole(transport: Transport, role: 'master' | 'slave', now: () => number): Transport {
  return { ...transport, open: () => checked(transport.open(), role, now) }
}

function checked(connection: Connection, role: 'master' | 'slave', now: () => number): Connection {
  let asked: Promise<boolean> | undefined
  let askedAt = 0

  async function send(commands: readonly Command[], deadlineAt: number): Promise<readonly Reply[]> {
    if (asked === undefined || Math.abs(now() - askedAt) >= RECHECK) {
      askedAt = now()
      const sent = connection.send([ROLE, ...commands], deadlineAt)
      asked = sent.then(([reply]) => hasRole(reply, role))
      const [, ...replies] = await sent
      return (await asked) ? replies : refuse(commands)
    }
    // What rides behind the question is worth nothing where the answer is no.
    const replies = await connection.send(commands, deadlineAt)
    return (await asked) ? replies : refuse(commands)
  }

  function refuse(commands: readonly Command[]): readonly Reply[] {
    const error = new CacheError('reply', 'The server that the sentinels name is no primary', {
      cause: { name: 'ErrorReply', code: 'READONLY' },
      isFatal: true,
      isOutage: true,
    })
    connection.close()
    return commands.map(() => error)
  }

  return {
    send,
    get isUsable() {
      return connection.isUsable
    },
    close: () => connection.close(),
    unref: () => connection.unref?.(),
  }
}

/** A server that does not tell, for the user may not ask, is taken at the sentinels' word. */
function hasRole(reply: Reply | undefined, role: string): boolean {
  return !Array.isArray(reply) || (reply as readonly Reply[])[0] === role
}
