import { arityError, type Call, type Command, type Commands } from './command.ts'
import { client } from './commands/client.ts'
import { connection } from './commands/connection.ts'
import { counters } from './commands/counters.ts'
import { expiry } from './commands/expiry.ts'
import { hashes } from './commands/hashes.ts'
import { keyCommands } from './commands/keys.ts'
import { server } from './commands/server.ts'
import { sets } from './commands/sets.ts'
import { strings } from './commands/strings.ts'
import { fitsArity } from './commands/subcommands.ts'
import { transactions } from './commands/transactions.ts'
import { RedisError, type Reply, type Request } from './reply.ts'
import type { Session } from './session.ts'
import { makeRoom, type State } from './state.ts'

const COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    ...strings,
    ...counters,
    ...expiry,
    ...keyCommands,
    ...sets,
    ...hashes,
    ...connection,
    ...client,
    ...server,
    ...transactions(carryOut),
  } satisfies Commands),
)

/**
 * Answers a request.
 *
 * @param request the name of the command and its arguments
 * @returns the reply, which may be an error; it never throws
 */
export function execute(request: Request, session: Session, state: State): Reply {
  state.counters.commands += 1
  const found = admit(request, session, state)
  if (found instanceof RedisError) return refuse(found, request, session)
  session.command = String(request[0]).toLowerCase()
  if (session.transaction !== undefined && found.isImmediate !== true) {
    session.transaction.requests.push(request)
    return { status: 'QUEUED' }
  }
  return run(found, request, session, state)
}

/** A request that is refused breaks its transaction; where it is EXEC itself, the transaction is over. */
function refuse(error: RedisError, request: Request, session: Session): RedisError {
  if (session.transaction !== undefined) session.transaction.isBroken = true
  if (request[0]?.toUpperCase() !== 'EXEC') return error
  session.transaction = undefined
  session.watched = []
  return new RedisError(`EXECABORT Transaction discarded because of: ${error.message.replace(/^ERR /, '')}`)
}

/** @returns the command, or the error of a request that is none */
function admit(request: Request, session: Session, state: State): Command | RedisError {
  const [name = ''] = request
  const command = COMMANDS.get(name.toUpperCase())
  if (command === undefined)
    return new RedisError(`ERR unknown command '${name.slice(0, 128)}', with args beginning with: ${firstArguments(request)}`)
  if (!fitsArity(command.arity, request.length)) return arityError(name)
  const problem = command.refuse?.(request.slice(1))
  if (problem !== undefined) return problem
  if (!session.isTrusted && command.isOpen !== true) return new RedisError('NOAUTH Authentication required.')
  return needsRoom(command, request, session) && !makeRoom(state) ? fullError() : command
}

function fullError(): RedisError {
  return new RedisError("OOM command not allowed when used memory > 'maxmemory'.")
}

/** What waits for EXEC takes memory, too, whatever it is; EXEC does as what it carries out. */
function needsRoom(command: Command, request: Request, { transaction }: Session): boolean {
  if (transaction === undefined) return command.grows === true
  if (command.isImmediate !== true) return true
  return request[0]?.toUpperCase() === 'EXEC' && transaction.requests.some(([name = '']) => COMMANDS.get(name.toUpperCase())?.grows === true)
}

/** As many as fit into 128 characters. */
function firstArguments(request: Request): string {
  let text = ''
  for (const arg of request.slice(1)) {
    if (text.length >= 128) break
    text += `'${arg.slice(0, 128 - text.length)}' `
  }
  return text
}

function carryOut(request: Request, { session, state }: Call): Reply {
  const command = COMMANDS.get(String(request[0]).toUpperCase())
  return command === undefined ? new RedisError('ERR unknown command') : run(command, request, session, state)
}

function run(command: Command, request: Request, session: Session, state: State): Reply {
  const keys = state.databases[session.database]
  if (keys === undefined) return new RedisError('ERR DB index is out of range')
  try {
    return command.run({ args: request.slice(1), session, state, keys })
  } catch (error) {
    if (error instanceof RedisError) return error
    throw error
  }
}
