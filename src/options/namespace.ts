/** Stands between the namespace and a reserved key; public keys and namespaces that hold it are refused. */
export const RESERVED = ':!fm:'

/** A namespace as people read it: what keeps a view within apart from all others is left out. */
export function readableNamespace(namespace: string): string {
  return namespace.replace(/^:!fm:ns:/, '').replaceAll(`${RESERVED}ns:`, ':')
}

/**
 * Why a namespace cannot be used, in words; undefined where it can.
 * `a` with key `b::c` and `a::b` with key `c` would be one stored key, hence no `::` and no colon at an edge.
 */
export function namespaceProblem(namespace: string): string | undefined {
  if (namespace === '') return 'must not be empty; leave it out for keys without a namespace'
  if (namespace.includes('::')) return "must not contain '::', which separates namespace and key"
  if (namespace.startsWith(':') || namespace.endsWith(':')) return 'must not begin or end with a colon'
  if (namespace.includes(RESERVED)) return `must not contain '${RESERVED}', which marks reserved keys`
  return undefined
}
