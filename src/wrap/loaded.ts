import type { Entry, TagVersion } from '../entry/entry.ts'
import type { Reason } from '../errors.ts'
import type { StandardSchema } from './standard-schema.ts'
import { checkLoaded } from './schema.ts'

/** The result of a load, for everybody who waited for it. */
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
  /** When the loader was called (epoch ms), where it was. */
  readonly beganAt?: number
  /** The versions of its tags, from before that; absent where one of them may have been invalidated since. */
  readonly tags?: readonly TagVersion[]
  /** A ticket of the copies from before that, where copies are kept. */
  readonly since?: number | undefined
  /** The stored keys of its tags, where their versions are not known. */
  readonly on?: readonly string[] | undefined
}

/** The loader failed, took too long, or gave what does not pass the schema. */
export interface LoadFailed {
  readonly error: unknown
}

/** Narrows to a failure. */
export function isFailed(loaded: Pick<LoadedValue, 'value'> | LoadFailed): loaded is LoadFailed {
  return 'error' in loaded
}

/** What another isolate loaded and stored meanwhile. */
export function fromOther({ value, at }: Entry): LoadedValue {
  return { value, stored: true, storedAt: at ?? 0 }
}

/** What a caller's schema makes of it: whoever loaded it may have had another one, or none. @param hard ms @throws where it does not pass */
export async function valueFor(schema: StandardSchema | undefined, { value, checked }: LoadedValue, hard: number | undefined): Promise<unknown> {
  if (schema === undefined) return value
  return checked?.by === schema ? checked.value : checkLoaded(schema, value, hard)
}
