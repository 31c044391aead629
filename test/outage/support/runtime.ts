import { type FaultRow, type Outage, timeoutOf } from './outage.ts'
import type { StepName, Told } from './subject.ts'

/** Answers the subject's orders from the middle of a step. */
export type Switch = (order: string) => Promise<{ readonly open: number }>

/** What a process says about its own end, with ms behind it; it prints nothing else. */
export const LEFT_AFTER = 'left after '

/** How a runtime came to its end. */
export interface Exit {
  /** From its last answer to its end; absent where it serves on. */
  readonly ms?: number
  readonly output: string
}

/** The story under way in one runtime. */
export interface Stage extends AsyncDisposable {
  step(name: StepName): Promise<Told>
  /** Lets it end. */
  leave(): Promise<Exit>
}

/** A place where the facade runs. */
export interface Runtime {
  readonly name: string
  /** Whether a healthy connection stays open between invocations. */
  readonly keepsConnection: boolean
  /** Whether calls outside an invocation share a connection for longer than one microtask turn. */
  readonly sharesRootCalls: boolean
  /** Whether the story has a part with copies in memory: once for each wire and each kind of runtime. */
  readonly hasCopies: boolean
  start(row: FaultRow, outage: Outage, onOrder: Switch): Promise<Stage>
}

/** What the runtime's own program is told at its start, as JSON. */
export interface Briefing {
  readonly id: string
  readonly url: string
  readonly options: Readonly<Record<string, unknown>>
  readonly onset: 'cold' | 'warm'
  readonly pause: number
}

export function briefing(id: string, row: FaultRow, outage: Outage, more: Readonly<Record<string, unknown>> = {}): Briefing {
  // In the middle of an invocation: it must get there first, however busy the machine is.
  const options = { timeout: timeoutOf(row), ...(row.onset === 'warm' ? { connectTimeout: 5_000 } : {}), ...outage.options, ...more }
  return { id, url: outage.url, options, onset: row.onset, pause: row.pause ?? 0 }
}
