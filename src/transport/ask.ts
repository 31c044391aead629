import type { BatchReply, NodesSendOptions } from './nodes.ts'
import type { Command } from './transport.ts'

/** What is asked of one node. */
export interface Ask {
  readonly commands: readonly Command[]
  readonly options: NodesSendOptions
  /** How often these commands were sent before. */
  readonly hop: number
  /** Comes before each command: `ASKING`. */
  readonly before?: Command
  /** Comes first: `READONLY`, to a replica. */
  readonly first?: Command
}

/** Places of commands by the node that they go to. */
export class Groups {
  readonly #places = new Map<string, number[]>()

  add(name: string, index: number): void {
    const places = this.#places.get(name)
    if (places === undefined) this.#places.set(name, [index])
    else places.push(index)
  }

  /** Sends each group on its own, and puts promises of its slots in their places. */
  fill(slots: BatchReply[], ask: Ask, send: (name: string, own: Ask) => Promise<readonly BatchReply[]>): void {
    for (const [name, places] of this.#places) {
      const sent = send(name, part(ask, places))
      for (const [position, index] of places.entries()) slots[index] = sent.then((own) => own[position] ?? null)
    }
  }

  send(ask: Ask, send: (name: string, own: Ask) => Promise<readonly BatchReply[]>): readonly BatchReply[] {
    const slots: BatchReply[] = ask.commands.map(() => null)
    this.fill(slots, { ...ask, hop: ask.hop - 1 }, send)
    return slots
  }
}

/** Some of the commands, sent once more. */
function part({ commands, options, hop }: Ask, places: readonly number[]): Ask {
  const { replicable } = options
  const own = replicable === undefined ? undefined : new Set(places.flatMap((index, position) => (replicable.has(index) ? [position] : [])))
  return {
    commands: places.map((index) => commands[index] ?? []),
    options: { ...options, replicable: own },
    hop: hop + 1,
  }
}
