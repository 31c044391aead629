import { atEndOfTurn } from '../policy/turn.ts'
import type { Command, Reply } from '../transport/transport.ts'

/**
 * What came of one command: its reply, or a promise of it where the node that was asked has sent it on to another one. Who asked for
 * it waits for that; the others of the batch do not.
 */
export type Slot = Reply | Promise<Reply>

/** What is asked of one node in one microtask turn, sent as one pipeline. */
export interface Batch {
  readonly commands: Command[]
  readonly timeout: number
  readonly ignoresCooldown: boolean
  /** One slot a command, in order. Never rejects. */
  readonly replies: Promise<readonly Slot[]>
  /** Somebody counts it as an operation of its own. */
  isHeld: boolean
  /** Which command reads a key that many ask for, so that it is asked for once. */
  reads: Map<string, number> | undefined
}

/** The batch that takes commands at present. */
export interface Gathering {
  batch: Batch | undefined
}

/**
 * Gathers all commands of one microtask turn: one write over TCP, one request over HTTP.
 *
 * @param timeout ms; commands with another timeout go in a batch of their own
 * @param ignoresCooldown likewise
 * @param send called at the end of the turn
 * @returns the batch to add commands to
 */
export function joinBatch(
  gathering: Gathering,
  timeout: number,
  ignoresCooldown: boolean,
  send: (commands: readonly Command[], timeout: number, ignoresCooldown: boolean) => Promise<readonly Slot[]>,
): Batch {
  const current = gathering.batch
  if (current !== undefined && current.timeout === timeout && current.ignoresCooldown === ignoresCooldown) return current
  const commands: Command[] = []
  const batch: Batch = {
    commands,
    timeout,
    ignoresCooldown,
    isHeld: false,
    reads: undefined,
    replies: atEndOfTurn(() => {
      if (gathering.batch === batch) gathering.batch = undefined
      return send(commands, timeout, ignoresCooldown)
    }),
  }
  gathering.batch = batch
  return batch
}
