import type { Call, Commands } from '../command.ts'
import { NO_ARRAY, OK, RedisError, type Reply, type Request } from '../reply.ts'
import type { Session } from '../session.ts'

/**
 * MULTI, EXEC, DISCARD, WATCH, UNWATCH.
 *
 * @param carryOut runs a request that was queued, and answers with its error where it fails
 */
export function transactions(carryOut: (request: Request, call: Call) => Reply): Commands {
  return {
    MULTI: { arity: 1, isImmediate: true, run: begin },
    EXEC: { arity: 1, isImmediate: true, run: (call) => execute(call, carryOut) },
    DISCARD: { arity: 1, isImmediate: true, run: discard },
    WATCH: { arity: -2, isImmediate: true, run: watch },
    UNWATCH: { arity: 1, run: ({ session }) => forget(session) },
  }
}

function begin({ session }: Call): Reply {
  if (session.transaction !== undefined) throw new RedisError('ERR MULTI calls can not be nested')
  session.transaction = { requests: [], isBroken: false }
  return OK
}

function execute(call: Call, carryOut: (request: Request, call: Call) => Reply): Reply {
  const { session } = call
  const { transaction, watched } = session
  if (transaction === undefined) throw new RedisError('ERR EXEC without MULTI')
  discard(call)
  if (transaction.isBroken) throw new RedisError('EXECABORT Transaction discarded because of previous errors.')
  if (watched.some(({ keys, key, version }) => keys.find(key)?.version !== version)) return NO_ARRAY
  return transaction.requests.map((request) => carryOut(request, call))
}

function discard({ session }: Call): Reply {
  if (session.transaction === undefined) throw new RedisError('ERR DISCARD without MULTI')
  session.transaction = undefined
  return forget(session)
}

function watch({ session, keys, args }: Call): Reply {
  if (session.transaction !== undefined) throw new RedisError('ERR WATCH inside MULTI is not allowed')
  for (const key of args) session.watched.push({ keys, key, version: keys.find(key)?.version })
  return OK
}

function forget(session: Session): Reply {
  session.watched = []
  return OK
}
