import type { StoreContext } from '../../store/context.ts'

/**
 * Where what belongs to a resource lies: the response itself without a part, else a variant, the list of variants, or a lease. The
 * braces keep all of it in one hash slot.
 *
 * @param id the hash of the resource's key
 */
export function storedKey({ options }: StoreContext, id: string, part?: string): string {
  return options.keys.reserved('http', part === undefined ? `{${id}}` : `{${id}}:${part}`)
}

/** The part under which the list of variants lies. */
export const VARIANTS = 'variants'
