import type { ResolvedOptions } from '../options/resolve-options.ts'
import type { Serializer } from '../options/types.ts'
import { createKeys, type Keys } from './keys.ts'
import { jsonSerializer } from './serializer.ts'

/** Resolved options, and what they come to where entries are stored. */
export interface EntryOptions extends ResolvedOptions {
  readonly keys: Keys
  readonly serializer: Serializer
}

/** @returns the options with the keys of their namespace, and Keyv's JSON where no serializer is given */
export function toEntryOptions(options: ResolvedOptions): EntryOptions {
  return { ...options, keys: createKeys(options.namespace), serializer: options.serializer ?? jsonSerializer }
}
