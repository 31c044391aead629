import { endOfTurn } from '../policy/turn.ts'
import type { Command, Reply } from '../transport/transport.ts'

/** One microtask turn's commands, sent as one pipeline. */
export interface Turn {
  readonly commands: Command[]
  /** One reply a command, in order. Never rejects. */
  readonly replies: Promise<readonly Reply[]>
  /** Somebody counts it as an operation of its own. */
  isHeld: boolean
}

/** Adds commands to the turn that is being gathered. */
export interface Batch {
  /**
   * @param timeout ms; commands with another timeout go in a pipeline of their own
   * @param ignoresCooldown likewise
   */
  join(timeout: number, ignoresCooldown: boolean): Turn
}

/**
 * Gathers all commands of one microtask turn: one write over TCP, one request over HTTP.
 *
 * @param send called at the end of the turn
 */
export function createBatch(send: (commands: readonly Command[], timeout: number, ignoresCooldown: boolean) => Promise<readonly Reply[]>): Batch {
  let gathering: (Turn & { readonly timeout: number; readonly ignoresCooldown: boolean }) | undefined

  function join(timeout: number, ignoresCooldown: boolean): Turn {
    if (gathering !== undefined && gathering.timeout === timeout && gathering.ignoresCooldown === ignoresCooldown) return gathering
    const commands: Command[] = []
    const turn = {
      commands,
      timeout,
      ignoresCooldown,
      isHeld: false,
      replies: endOfTurn().then(() => {
        if (gathering === turn) gathering = undefined
        return send(commands, timeout, ignoresCooldown)
      }),
    }
    gathering = turn
    return turn
  }

  return { join }
}
