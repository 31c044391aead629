import { afterMicrotasks } from '../policy/after-microtasks.ts'
import type { BatchReply } from '../transport/nodes.ts'
import type { Command } from '../transport/transport.ts'

/** What is asked of one node in one microtask turn, sent as one pipeline. */
export interface Batch {
  readonly commands: Command[]
  readonly timeout: number
  readonly ignoresCooldown: boolean
  /** One reply a command, in order. Never rejects. */
  readonly replies: Promise<readonly BatchReply[]>
  /** The session already counts it as an operation, so that it stays open until the replies are there. */
  isHeld: boolean
  /** How many wait for it. Those who have less time than it, or a signal, may stop. */
  waiting: number
  /** Positions of the commands that read tag versions, by key: a version is read once a batch, however many ask for it. */
  reads: Map<string, number> | undefined
  /** Epoch ms. All that ask for the time when the replies are there share it: reading the clock costs a part of a read. */
  answeredAt?: number
  /** Places of the commands that a replica may answer while the primary is out. Undefined where none may. */
  replicable?: Set<number>
}

/**
 * Gathers all commands of one microtask turn: one write over TCP, one request over HTTP.
 *
 * @param holder holds the batch that takes commands at present
 * @param timeout ms; commands with another timeout go in a batch of their own
 * @param ignoresCooldown likewise
 * @param send called at the end of the turn
 * @returns the batch to add commands to
 */
export function joinBatch<Holder extends { batch: Batch | undefined }>(
  holder: Holder,
  timeout: number,
  ignoresCooldown: boolean,
  send: (holder: Holder, batch: Batch) => Promise<readonly BatchReply[]>,
): Batch {
  const current = holder.batch
  if (current !== undefined && current.timeout === timeout && current.ignoresCooldown === ignoresCooldown) return current
  const batch: Batch = {
    commands: [],
    timeout,
    ignoresCooldown,
    isHeld: false,
    waiting: 0,
    reads: undefined,
    replies: afterMicrotasks(() => {
      if (holder.batch === batch) holder.batch = undefined
      return send(holder, batch)
    }),
  }
  holder.batch = batch
  return batch
}
