import type { Fault } from 'fastmiss/testing'

/** One position of the switch between the Worker and its Redis. */
export interface Switch {
  readonly fault: Fault
  readonly label: string
  readonly detail: string
}

/** The positions, as the page shows them. */
export const SWITCHES: readonly Switch[] = [
  { fault: 'healthy', label: 'Healthy', detail: 'everything passes' },
  { fault: 'refuse', label: 'Refuse', detail: 'nothing listens' },
  { fault: 'blackhole', label: 'Black hole', detail: 'packets are dropped' },
  { fault: 'silent', label: 'Silent', detail: 'accepts, never answers' },
  { fault: 'reset', label: 'Reset', detail: 'cuts every connection' },
  { fault: 'slow', label: 'Slow', detail: 'each reply 2 s late' },
  { fault: 'garbage', label: 'Garbage', detail: 'answers are no Redis' },
  { fault: 'freeze', label: 'Freeze', detail: 'stops, nothing is lost' },
]

/** @returns undefined where it is not one of the positions */
export function switchTo(fault: unknown): Switch | undefined {
  return SWITCHES.find((one) => one.fault === fault)
}
