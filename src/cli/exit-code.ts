/** It did what was asked. */
export const OK = 0
/** It ran, and found something broken; or what it needs is not there. */
export const BROKEN = 1
/** The command line was not understood. */
export const USAGE = 2

/** A signal's number, as shells count it: an interrupted process ends with 128 more. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const

/** A signal that asks a command to end. */
export type EndSignal = keyof typeof SIGNALS

/** @returns 130 for Ctrl-C */
export function interruptedBy(signal: EndSignal): number {
  return 128 + SIGNALS[signal]
}
