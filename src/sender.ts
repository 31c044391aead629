import { CacheError } from './errors.ts'
import { enter, isIdle, leave, leaveToItself, linger, type Request, requestAll, type Session, turnOf } from './session.ts'
import type { Turn } from './store/batch.ts'
import type { Command, Reply } from './transport/transport.ts'

/** Runs commands as one operation of a session. */
export interface Sender {
  /** See `turnOf` a session. */
  turn(): Turn | undefined
  /** See `linger` of a session. */
  linger(): () => void
  /** See `isIdle` of a session. */
  isIdle(): boolean
  /** See `leaveToItself` of a session. */
  leaveToItself(): boolean
  one(command: Command, request?: Request): Promise<Reply>
  /** One reply a command; a slot that is an error already is not sent and stays one. */
  all(commands: readonly (Command | CacheError)[], request?: Request): Promise<readonly Reply[]>
}

/** @param session the session that the operation belongs to */
export function createSender(session: () => Session): Sender {
  async function one(command: Command, request?: Request): Promise<Reply> {
    const current = session()
    const refusal = enter(current)
    if (refusal !== undefined) return refusal
    try {
      return (await requestAll(current, [command], request))[0] ?? null
    } finally {
      leave(current)
    }
  }

  async function all(commands: readonly (Command | CacheError)[], request?: Request): Promise<readonly Reply[]> {
    const sendable = commands.filter(isCommand)
    if (sendable.length === 0) return commands.filter((command): command is CacheError => !isCommand(command))
    const current = session()
    const refusal = enter(current)
    if (refusal !== undefined) return commands.map(() => refusal)
    try {
      const replies = await requestAll(current, sendable, request)
      if (sendable.length === commands.length) return replies
      let next = 0
      return commands.map((command) => (isCommand(command) ? (replies[next++] ?? null) : command))
    } finally {
      leave(current)
    }
  }

  return {
    turn: () => turnOf(session()),
    linger: () => linger(session()),
    isIdle: () => isIdle(session()),
    leaveToItself: () => leaveToItself(session()),
    one,
    all,
  }
}

function isCommand(command: Command | CacheError): command is Command {
  return !(command instanceof CacheError)
}
