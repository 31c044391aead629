/** Parses a URL without ever quoting it: it may hold a password. @throws TypeError */
export function parseUrl(url: string): URL {
  const refusal =
    'url: cannot be parsed. Expected redis://user:password@host:6379/0, rediss://…, unix:///path, https://… or memory:; percent-encode special characters in the password'
  // Without a scheme the user name would pass for one; and what stands before a # would pass for the host, although it is half of a password.
  if (!/^(memory:|[a-z][a-z\d+.-]*:\/)[^#]*$/i.test(url)) throw new TypeError(refusal)
  try {
    // A socket has no host, but URLs take credentials only before one: unix://:password@/path
    return new URL(url.replace(/^(unix:\/\/[^/?#]*@)(?=\/)/i, '$1localhost'))
  } catch {
    throw new TypeError(refusal)
  }
}

/**
 * Refuses what stands behind the ? and means nothing here: somebody believes in it in vain.
 *
 * @param known names that do mean something
 * @param hint where such a setting belongs instead
 * @throws TypeError that names the parameter, never its value
 */
export function refuseParameters(url: URL, known: readonly string[], hint: string): void {
  for (const name of url.searchParams.keys()) {
    if (known.includes(name)) continue
    // What stands before an @ is not a parameter but half of a password that was not encoded.
    if (!/^[A-Za-z][\w.-]{0,31}$/.test(name) || url.search.includes('@')) {
      throw new TypeError('url: what stands behind the ? is no parameter; percent-encode special characters in the password (%3F for a ?)')
    }
    throw new TypeError(`url: unknown parameter '${name}'${known.length === 0 ? '' : `. Known: ${known.join(', ')}`}; ${hint}`)
  }
}

/** @returns what stands before the `//` of a URL, with its colon; empty where nothing does. `new URL` refuses a list of hosts */
export function schemeOf(url: string): string {
  return /^[a-z+-]+:/i.exec(url)?.[0] ?? ''
}

/** Whether a URL's scheme names many nodes: `redis+cluster:`, `rediss+sentinel:`, and the same with a hyphen. */
export function isNodesScheme(protocol: string): boolean {
  return /^rediss?[+-](cluster|sentinel):$/i.test(protocol)
}
