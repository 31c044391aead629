import type { ProxyEvent } from 'fastmiss/testing'

/**
 * How often the client waited for the other side: what it says in one go, before the next reply, is one round trip.
 *
 * @param events of one connection, as the proxy saw them
 */
export function roundTrips(events: readonly ProxyEvent[]): number {
  let count = 0
  let isWaiting = false
  for (const { type } of events) {
    if (type === 'request') isWaiting = true
    if (type === 'reply' && isWaiting) {
      count += 1
      isWaiting = false
    }
  }
  return count
}
