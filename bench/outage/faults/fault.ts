import type { Endpoint } from '../subject.ts'
import type { Lab } from './lab.ts'

/** One fault, set up for one process. */
export interface Scene {
  readonly endpoint: Endpoint
  /** Turns the fault on, where the process was to meet a healthy Redis first. */
  turn?(freeze: Freeze): Promise<void>
  /** Connections accepted since the start. */
  accepted(): number
  /** The Redis behind it, to look up what is stored; undefined where there is none. */
  readonly redis: string | undefined
  stop(): Promise<void>
}

/** Stops the process meanwhile, as Lambda does between two invocations. */
export type Freeze = (meanwhile: () => void) => Promise<void>

/** What is done to Redis. */
export interface Fault {
  readonly name: string
  readonly wire: 'TCP' | 'HTTP'
  /** Few words, for the picture. */
  readonly label: string
  /** One sentence. */
  readonly detail: string
  /** Comes after one `get` from a healthy Redis, not before the first connection. */
  readonly isWarm: boolean
  /** Keeps the machine busy, and so runs by itself, after all others. */
  readonly isHeavy?: boolean
  set(lab: Lab): Promise<Scene>
}
