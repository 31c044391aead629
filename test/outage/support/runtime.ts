import type { FaultRow, Outage } from './outage.ts'
import type { StepName, Told } from './subject.ts'

/** The most that an operation may take, unless the fault's row says otherwise. Short, so that the suite is. */
export const TIMEOUT = 250

/** Answers the subject's orders from the middle of a step. */
export type Switch = (order: string) => Promise<{ readonly open: number }>

/** The story under way in one runtime. */
export interface Stage extends AsyncDisposable {
  step(name: StepName): Promise<Told>
  /** Lets it end. @returns ms from its last answer to its end, and what it printed; undefined where the runtime is not ours to end */
  leave(): Promise<{ readonly ms: number; readonly output: string } | undefined>
}

/** A place where the facade runs. */
export interface Runtime {
  readonly name: string
  /** Whether a healthy connection stays open between invocations. */
  readonly keepsConnection: boolean
  /** Whether calls outside an invocation share a connection for longer than one microtask turn. */
  readonly sharesRootCalls: boolean
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
  const options = { timeout: row.timeout ?? TIMEOUT, ...outage.options, ...more }
  return { id, url: outage.url, options, onset: row.onset, pause: row.pause ?? 0 }
}
