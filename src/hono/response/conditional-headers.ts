import type { StoredResponse } from '../../http/stored.ts'
import { CONDITIONS, validators } from '../../http/validate.ts'

/**
 * What the handler is asked with: the conditions of the stored response instead of the client's, which are answered here.
 *
 * @param keepsRange leaves a range to the handler
 * @returns undefined where nothing is to be changed
 */
export function conditionalHeaders(headers: Headers, found: StoredResponse | undefined, keepsRange: boolean): Headers | undefined {
  const own = found === undefined ? [] : validators(found)
  const hidden = CONDITIONS.filter((name) => headers.has(name) && !(keepsRange && name.endsWith('range')))
  if (own.length === 0 && hidden.length === 0) return undefined
  const changed = new Headers(headers)
  for (const name of hidden) changed.delete(name)
  for (const [name, value] of own) changed.set(name, value)
  return changed
}
