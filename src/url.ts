/** Parses a URL without ever quoting it: it may hold a password. @throws TypeError */
export function parseUrl(url: string): URL {
  try {
    return new URL(url)
  } catch {
    throw new TypeError(
      'url: cannot be parsed. Expected redis://user:password@host:6379/0, rediss://…, unix:///path, https://… or memory:; percent-encode special characters in the password',
    )
  }
}
