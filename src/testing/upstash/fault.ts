/** Every fault of the gateway. */
export const GATEWAY_FAULTS = [
  'healthy',
  'noHeaders',
  'bodyStops',
  'bodyBreaks',
  'reset',
  'resetPooled',
  '500',
  '429',
  '401',
  'html',
  'badJson',
  'wrongShape',
  'redirect',
  'redirectLoop',
  'huge',
  'slow',
] as const

/**
 * What the gateway does with a request.
 *
 * - `healthy` answers it
 * - `noHeaders` takes it and says nothing
 * - `bodyStops` sends the headers and half of a body, then nothing more
 * - `bodyBreaks` does the same and resets the connection
 * - `reset` resets the connection without an answer
 * - `resetPooled` does so only where the connection has served a request before: it died while it was kept
 * - `500`, `429`, `401` answer with that status and an error body that quotes the request, as Upstash does
 * - `html` answers 200 with a page
 * - `badJson` answers 200 with half of a JSON text
 * - `wrongShape` answers 200 with JSON of another shape
 * - `redirect` answers 307 to `redirectTo`
 * - `redirectLoop` answers 307 to the same address
 * - `huge` streams an answer of `bytes`, without telling its length before
 * - `slow` waits for `delay`, then answers
 */
export type GatewayFault = (typeof GATEWAY_FAULTS)[number]

/** The dose of a fault. */
export interface GatewayFaultOptions {
  /** ms before a `slow` answer. Default 2,000. */
  readonly delay?: number
  /** The length of a `huge` answer. Default 67,108,864 (64 MiB). */
  readonly bytes?: number
  /** Where a `redirect` leads. Default: `/elsewhere` at the gateway itself. */
  readonly redirectTo?: string
}
