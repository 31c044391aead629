import { CacheError } from '../../errors.ts'
import { tcp } from '../../transport/tcp/tcp.ts'
import type { Command, Reply } from '../../transport/transport.ts'

/** ms for connecting and answering. */
const LIMIT = 2_000

/**
 * Asks a Redis over a connection of its own, which is closed again.
 *
 * @param ca PEM, with `rediss:`
 * @returns one reply a command
 * @throws CacheError where one of them is an error, or there is no answer within two seconds
 */
export async function askRedis(url: string, ca: string | undefined, ...commands: readonly Command[]): Promise<readonly Reply[]> {
  const connection = tcp(url, ca === undefined ? {} : { tls: { ca } }).open()
  try {
    const replies = await connection.send(commands, Date.now() + LIMIT)
    const failure = replies.find((reply) => reply instanceof CacheError)
    if (failure !== undefined) throw failure
    return replies
  } finally {
    connection.close()
  }
}
