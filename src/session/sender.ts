import { CacheError } from '../errors.ts'
import { enter, isIdle, leave, leaveToItself, linger, type Request, requestAll, type Session, turnOf } from './session.ts'
import type { Turn } from './batch.ts'
import type { Command, Reply } from '../transport/transport.ts'

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
  return new SessionSender(session)
}

/** A class: each invocation has a sender, and a closure for each method would cost it more than the rest of the sender. */
class SessionSender implements Sender {
  readonly #session: () => Session

  constructor(session: () => Session) {
    this.#session = session
  }

  turn(): Turn | undefined {
    return turnOf(this.#session())
  }

  linger(): () => void {
    return linger(this.#session())
  }

  isIdle(): boolean {
    return isIdle(this.#session())
  }

  leaveToItself(): boolean {
    return leaveToItself(this.#session())
  }

  async one(command: Command, request?: Request): Promise<Reply> {
    const session = this.#session()
    const refusal = enter(session)
    if (refusal !== undefined) return refusal
    try {
      return (await requestAll(session, [command], request))[0] ?? null
    } finally {
      leave(session)
    }
  }

  async all(commands: readonly (Command | CacheError)[], request?: Request): Promise<readonly Reply[]> {
    const sendable = commands.filter(isCommand)
    if (sendable.length === 0) return commands.filter((command): command is CacheError => !isCommand(command))
    const session = this.#session()
    const refusal = enter(session)
    if (refusal !== undefined) return commands.map(() => refusal)
    try {
      const replies = await requestAll(session, sendable, request)
      if (sendable.length === commands.length) return replies
      let next = 0
      return commands.map((command) => (isCommand(command) ? (replies[next++] ?? null) : command))
    } finally {
      leave(session)
    }
  }
}

function isCommand(command: Command | CacheError): command is Command {
  return !(command instanceof CacheError)
}
