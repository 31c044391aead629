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

/**
 * Round trips one after the other over several connections: a request may have waited for whatever was replied before it, on any of them.
 *
 * @param proxies the events of each, under a delay that tells one wave from the next
 */
export function sequentialRoundTrips(proxies: readonly (readonly ProxyEvent[])[]): number {
  const told = proxies
    .flatMap((events, proxy) => events.map((event) => ({ event, proxy })))
    .toSorted((one, other) => one.event.at - other.event.at || (one.event.type === 'reply' ? -1 : 0))
  const asked = new Map<string, number>()
  let replied = 0
  for (const { event, proxy } of told) {
    if (event.type !== 'request' && event.type !== 'reply') continue
    const connection = `${proxy} ${event.connection}`
    if (event.type === 'request') asked.set(connection, replied + 1)
    else replied = Math.max(replied, asked.get(connection) ?? 0)
  }
  return replied
}
