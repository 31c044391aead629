import type { Fault } from './fault.ts'

/** What happened at the proxy. `connection` counts from 1; `at` is epoch milliseconds. */
export type ProxyEvent = { readonly at: number } & (
  | { readonly type: 'fault'; readonly fault: Fault }
  | { readonly type: 'connect' | 'close'; readonly connection: number }
  | { readonly type: 'request' | 'reply'; readonly connection: number; readonly bytes: number }
  | { readonly type: 'targetFailed'; readonly connection: number; readonly code: string }
)

/** What went through the proxy since it was started. Connections that were refused or dropped nobody can count. */
export interface ProxyCounters {
  /** Accepted. */
  readonly connections: number
  /** Accepted, and not closed by either side. */
  readonly open: number
  /** Bytes received from clients. */
  readonly requestBytes: number
  /** Bytes sent to clients. */
  readonly replyBytes: number
}

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never

/** The counters and the log of one proxy. */
export interface ProxyLog {
  add(event: WithoutTime<ProxyEvent>): void
  readonly counters: ProxyCounters
  readonly events: readonly ProxyEvent[]
  until(isTrue: (counters: ProxyCounters) => boolean): Promise<void>
  /** Nothing is to come but the end of what is open: then who still waits is told so. */
  end(): void
}

/** Events kept; older ones go first. */
const MOST_EVENTS = 10_000

/** @param onEvent is told everything as it happens */
export function proxyLog(onEvent: (event: ProxyEvent) => void): ProxyLog {
  const events: ProxyEvent[] = []
  const waiting = new Set<() => void>()
  let isEnding = false
  let counters: ProxyCounters = { connections: 0, open: 0, requestBytes: 0, replyBytes: 0 }
  return {
    add: (news) => {
      const event: ProxyEvent = { at: Date.now(), ...news }
      events.push(event)
      if (events.length > MOST_EVENTS) events.shift()
      counters = count(counters, event)
      onEvent(event)
      for (const check of waiting) check()
    },
    get counters() {
      return counters
    },
    get events() {
      return [...events]
    },
    until: (isTrue) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          try {
            if (isTrue(counters)) resolve()
            else if (isEnding && counters.open === 0) reject(new Error('until: the proxy was stopped before the counters said so'))
            else return
          } catch (error) {
            // Told to whoever waits: this may be the callback of a socket, where it would end the process.
            reject(error instanceof Error ? error : new Error(String(error)))
          }
          waiting.delete(check)
        }
        waiting.add(check)
        check()
      }),
    end() {
      isEnding = true
      for (const check of waiting) check()
    },
  }
}

function count(counters: ProxyCounters, event: ProxyEvent): ProxyCounters {
  const { connections, open, requestBytes, replyBytes } = counters
  switch (event.type) {
    case 'connect':
      return { ...counters, connections: connections + 1, open: open + 1 }
    case 'close':
      return { ...counters, open: open - 1 }
    case 'request':
      return { ...counters, requestBytes: requestBytes + event.bytes }
    case 'reply':
      return { ...counters, replyBytes: replyBytes + event.bytes }
    default:
      return counters
  }
}
