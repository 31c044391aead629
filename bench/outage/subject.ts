/** Where a library finds its Redis. */
export interface Endpoint {
  readonly url: string
  /** Upstash's REST token. */
  readonly token?: string
}

/** What a `get` says, where it says anything: `undefined` of a library without another answer is a `miss`. */
export interface Said {
  readonly answer: 'hit' | 'miss' | 'degraded'
  readonly reason?: string
}

/** One library with one set of options, as an application would hold it. */
export interface Subject {
  /** May reject: that tells a sick Redis from a miss. */
  get(key: string): Promise<Said>
  /** @returns whether the caller is told that the value is stored */
  set(key: string, value: string): Promise<boolean>
  /** What the documentation asks for at the end; resolves or rejects, or hangs. */
  close(): Promise<unknown>
}

/** @param onError is called for every `error` event: the documentation of these libraries asks for a listener */
export type Open = (endpoint: Endpoint, onError: () => void) => Subject

/** What each file of `subjects/` exports as `openers`, by the name of the settings. */
export type Openers = Readonly<Record<string, Open>>

/**
 * Milliseconds. Every bound that a library lets one set, in its best settings: the default `timeout` of fastmiss, so that all
 * are asked for the same.
 */
export const BOUND = 250

/** For libraries that know two answers only. */
export function hitOrMiss(value: unknown): Said {
  return { answer: value === undefined || value === null ? 'miss' : 'hit' }
}
