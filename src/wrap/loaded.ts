import type { Reason } from '../errors.ts'
import type { StandardSchema } from '../standard-schema.ts'

/** What came of a load, for everybody who waited for it. */
export type Loaded = LoadedValue | LoadFailed

/** The loader gave a value, or another isolate stored one meanwhile. */
export interface LoadedValue {
  readonly value: unknown
  /** What a schema made of it. */
  readonly checked?: { readonly by: StandardSchema; readonly value: unknown }
  /** Redis holds it. */
  readonly stored: boolean
  /** Why it was not stored, where Redis or its size is the reason. */
  readonly reason?: Reason
  /** When it was stored (epoch ms), where another isolate loaded it. */
  readonly storedAt?: number
}

/** The loader failed, took too long, or gave what does not pass the schema. */
export interface LoadFailed {
  readonly error: unknown
}

/** Narrows to a failure. */
export function isFailed(loaded: Loaded): loaded is LoadFailed {
  return 'error' in loaded
}
