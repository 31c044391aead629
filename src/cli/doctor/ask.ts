import { CacheError, scrub } from '../../errors.ts'
import type { Command, Reply } from '../../transport/transport.ts'
import type { Visit } from './step.ts'

/** Sends commands over the visit's one connection. @returns one reply a command, in order; never rejects */
export async function askAll({ facts: { connection }, patience }: Visit, commands: readonly Command[]): Promise<readonly Reply[]> {
  if (connection === undefined) return commands.map(() => new CacheError('closed', 'There is no connection'))
  return connection.send(commands, patience.deadlineAt)
}

/** One command. */
export async function ask(visit: Visit, ...command: Command): Promise<Reply> {
  const [reply = null] = await askAll(visit, [command])
  return reply
}

/** What stands in an answer of INFO or CLUSTER INFO; undefined where it is no text. */
export function readInfo(reply: Reply): ReadonlyMap<string, string> | undefined {
  if (typeof reply !== 'string') return undefined
  const pairs = reply.split(/\r?\n/).map((line) => line.split(/:(.*)/s, 2))
  return new Map(pairs.filter((pair): pair is [string, string] => pair.length === 2 && pair[0] !== ''))
}

/** Why a server does not tell, in a word: the code of its error. */
export function refusalOf(reply: Reply): string {
  return reply instanceof CacheError ? (scrub(reply.cause).code ?? reply.code) : 'unexpected answer'
}
