import type { FaultRow } from './support/outage.ts'
import { byProxy } from './support/tcp-outage.ts'

const SILENT = { read: ['timeout'], phase: 'connect', write: false, isRemembered: true } as const
const GONE = { read: ['unreachable'], phase: 'connect', write: false, isRemembered: true, isImmediate: true } as const

/** Every fault of a Redis over TCP: how it is made, and what is expected of it. */
export const TCP_FAULTS: readonly FaultRow[] = [
  { name: 'refused', onset: 'cold', start: byProxy('refuse'), expected: GONE },
  { name: 'accepts and stays silent', onset: 'cold', start: byProxy('silent'), expected: SILENT },
]
