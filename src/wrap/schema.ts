import type { StandardSchema } from './standard-schema.ts'

/** What a schema made of a value; undefined where the value does not pass. */
export type Checked = { readonly value: unknown } | undefined

/**
 * What a schema makes of a stored value. A schema that throws has not let it pass.
 *
 * @returns no promise where the schema needs none
 */
export function checkStored(schema: StandardSchema, value: unknown): Checked | Promise<Checked> {
  try {
    const result = schema['~standard'].validate(value)
    // By shape: a promise may come from another realm, or from a library.
    return 'then' in result
      ? Promise.resolve(result)
          .then(toChecked)
          .catch(() => undefined)
      : toChecked(result)
  } catch {
    return undefined
  }
}

/** What a schema makes of a loaded value. @throws TypeError whose cause are the schema's issues, and whatever the schema throws */
export async function checkLoaded(schema: StandardSchema, value: unknown): Promise<unknown> {
  const result = await schema['~standard'].validate(value)
  if (result.issues === undefined) return result.value
  throw new TypeError('The loaded value does not pass the schema; the cause lists its issues', { cause: result.issues })
}

function toChecked(result: Awaited<ReturnType<StandardSchema['~standard']['validate']>>): Checked {
  return result.issues === undefined ? { value: result.value } : undefined
}
