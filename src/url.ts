/** Parses a URL without ever quoting it: it may hold a password. @throws TypeError */
export function parseUrl(url: string): URL {
  try {
    // A socket has no host, but URLs take credentials only before one: unix://:password@/path
    return new URL(url.replace(/^(unix:\/\/[^/?#]*@)(?=\/)/i, '$1localhost'))
  } catch {
    throw new TypeError(
      'url: cannot be parsed. Expected redis://user:password@host:6379/0, rediss://…, unix:///path, https://… or memory:; percent-encode special characters in the password',
    )
  }
}
