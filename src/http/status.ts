/** Statuses that may be kept without explicit freshness (RFC 9110 §15.1); 206 is not stored here at all. */
const HEURISTIC = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])
/** Statuses whose caching rules are known here (RFC 9111 §5.2.2.3). */
const UNDERSTOOD = new Set([...HEURISTIC, 302, 303, 307])
/** Statuses that a stale response may stand in for (RFC 5861 §4). */
const ERRORS = new Set([500, 502, 503, 504])
/** Statuses without a body, for which `new Response` refuses one. */
const BODILESS = new Set([204, 205, 304])

/** @returns whether the status alone allows to store a response that does not say how long */
export function isHeuristicStatus(status: number): boolean {
  return HEURISTIC.has(status)
}

/** @returns whether `must-understand` lets a response with this status be stored */
export function isUnderstoodStatus(status: number): boolean {
  return UNDERSTOOD.has(status)
}

/** @returns whether `stale-if-error` speaks of this status */
export function isErrorStatus(status: number): boolean {
  return ERRORS.has(status)
}

/** @returns whether a response with this status has no body */
export function isBodilessStatus(status: number): boolean {
  return BODILESS.has(status)
}
