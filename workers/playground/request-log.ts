/** One request that went through to the Worker. */
export interface RequestRecord {
  /** Counts from 1. */
  readonly id: number
  /** Epoch ms of its arrival. */
  readonly at: number
  readonly method: string
  readonly path: string
  /** HTTP's status, or 502 where the Worker did not answer. */
  readonly code: number
  /** What the cache said: `hit`, `degraded: timeout`, `stored`; empty where the route has no such answer. */
  readonly answer: string
  /** From the request's arrival to the last byte of the answer. */
  readonly ms: number
  /** ms of the cache's cooldown that were left at the end of the answer; 0 where none was on. */
  readonly cooldown: number
  /** Connections that reached Redis meanwhile; those that are refused or dropped reach nobody. */
  readonly connections: number
}

/** The last requests, and who wants to be told of new ones. */
export interface RequestLog {
  /** Oldest first. */
  readonly records: readonly RequestRecord[]
  add(record: Omit<RequestRecord, 'id'>): void
}

/** @param most how many are kept */
export function createRequestLog(most: number, onAdd: (record: RequestRecord) => void): RequestLog {
  const records: RequestRecord[] = []
  let count = 0
  return {
    records,
    add(record) {
      count += 1
      const numbered = { id: count, ...record }
      records.push(numbered)
      if (records.length > most) records.shift()
      onAdd(numbered)
    },
  }
}
