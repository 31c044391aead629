import { bounded } from '../policy/bounded.ts'
import { within } from '../policy/within.ts'
import type { SchemaResult, StandardSchema } from './standard-schema.ts'

/** What a schema made of a value; undefined where the value does not pass. */
export type Checked = { readonly value: unknown } | undefined

/**
 * What a schema makes of a stored value. A schema that throws, or takes too long, has not let it pass.
 *
 * @param hard ms; undefined: no bound
 * @returns no promise where the schema needs none
 */
export function checkStored(schema: StandardSchema, value: unknown, hard: number | undefined): Checked | Promise<Checked> {
  try {
    const result = schema['~standard'].validate(value)
    // By shape: a promise may come from another realm, or from a library.
    if (!('then' in result)) return toChecked(result)
    const checking = Promise.resolve(result)
      .then(toChecked)
      .catch(() => undefined)
    return hard === undefined ? checking : within(checking, hard)
  } catch {
    return undefined
  }
}

/**
 * What a schema makes of a loaded value.
 *
 * @param hard ms; undefined: no bound
 * @throws TypeError whose cause are the schema's issues, a `TimeoutError`, and whatever the schema throws
 */
export async function checkLoaded(schema: StandardSchema, value: unknown, hard: number | undefined): Promise<unknown> {
  const result: unknown = await bounded(() => schema['~standard'].validate(value), hard, 'The schema took longer than loaderTimeout.hard allows')
  if (typeof result !== 'object' || result === null) throw new TypeError('schema: its validate() gave no result of a Standard Schema')
  const { issues, value: made } = result as { readonly issues?: unknown; readonly value?: unknown }
  if (issues === undefined) return made
  throw new TypeError('The loaded value does not pass the schema; the cause lists its issues', { cause: issues })
}

function toChecked(result: SchemaResult<unknown>): Checked {
  return result.issues === undefined ? { value: result.value } : undefined
}
