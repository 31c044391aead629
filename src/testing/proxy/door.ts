import { openBlackHole } from './black-hole.ts'
import type { Fault } from './fault.ts'
import { listen, type Listener } from './listener.ts'
import type { Socket } from 'node:net'

/** The way in: one port that listens, refuses or swallows. */
export interface Door {
  readonly port: number
  /** Resolves when the port does what the fault says. */
  turn(fault: Fault): Promise<void>
  shut(): Promise<void>
}

type Position = 'open' | 'shut' | 'hole'

/**
 * Takes a port and listens on it.
 *
 * @param port which one, or `undefined` for a free one
 * @param accept is given every connection
 */
export async function openDoor(port: number | undefined, accept: (socket: Socket) => void): Promise<Door> {
  const host = '127.0.0.1'
  const first: Listener = await listen(host, port, accept)
  let held: { close(): Promise<void> } = first
  let position: Position = 'open'
  const move = async (next: Position): Promise<void> => {
    if (next === position) return
    await held.close()
    position = 'shut'
    if (next === 'open') held = await listen(host, first.port, accept)
    if (next === 'hole') held = await openBlackHole(host, first.port)
    if (next === 'shut') held = { close: async () => {} }
    position = next
  }
  return { port: first.port, turn: (fault) => move(positionOf(fault)), shut: () => move('shut') }
}

function positionOf(fault: Fault): Position {
  if (fault === 'refuse') return 'shut'
  return fault === 'blackhole' ? 'hole' : 'open'
}
