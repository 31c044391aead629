import { atEndOfTurn } from '../policy/turn.ts'
import type { Command, Reply } from '../transport/transport.ts'

/** One microtask turn's commands, sent as one pipeline. */
export interface Turn {
  readonly commands: Command[]
  readonly timeout: number
  readonly ignoresCooldown: boolean
  /** One reply a command, in order. Never rejects. */
  readonly replies: Promise<readonly Reply[]>
  /** Somebody counts it as an operation of its own. */
  isHeld: boolean
}

/** Where the turn is that is being gathered. */
export interface Gathering {
  turn: Turn | undefined
}

/**
 * Gathers all commands of one microtask turn: one write over TCP, one request over HTTP.
 *
 * @param timeout ms; commands with another timeout go in a pipeline of their own
 * @param ignoresCooldown likewise
 * @param send called at the end of the turn
 * @returns the turn to add commands to
 */
export function joinTurn(
  gathering: Gathering,
  timeout: number,
  ignoresCooldown: boolean,
  send: (commands: readonly Command[], timeout: number, ignoresCooldown: boolean) => Promise<readonly Reply[]>,
): Turn {
  const current = gathering.turn
  if (current !== undefined && current.timeout === timeout && current.ignoresCooldown === ignoresCooldown) return current
  const commands: Command[] = []
  const turn = {
    commands,
    timeout,
    ignoresCooldown,
    isHeld: false,
    replies: atEndOfTurn(() => {
      if (gathering.turn === turn) gathering.turn = undefined
      return send(commands, timeout, ignoresCooldown)
    }),
  }
  gathering.turn = turn
  return turn
}
