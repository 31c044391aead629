import type { ResolvedOptions } from '../options/resolve-options.ts'
import type { Serializer } from '../options/types.ts'
import { describe } from '../options/checks.ts'
import { namespaceProblem } from '../options/namespace.ts'
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

/** @returns the options of a namespace within. @throws TypeError where the name could be taken for another one's */
export function withinNamespace(options: EntryOptions, name: unknown): EntryOptions {
  if (typeof name !== 'string') throw new TypeError(`namespace: expected a string, got ${describe(name)}`)
  const problem = namespaceProblem(name)
  if (problem !== undefined) throw new TypeError(`namespace: ${problem}`)
  const keys = options.keys.within(name)
  return { ...options, keys, namespace: keys.prefix.slice(0, -'::'.length) }
}
