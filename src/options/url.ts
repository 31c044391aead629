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
