import type { Context } from 'hono'

/**
 * Takes the headers that middleware further out has set before `next()` off the context: the response from further in is then
 * itself alone, and nobody else's CORS header is stored with it.
 */
export function takeOuterHeaders(c: Context): readonly (readonly [string, string])[] {
  const outer = [...c.res.headers]
  c.res = undefined
  // The setter says that there is an answer; there is none yet.
  c.finalized = false
  for (const [name] of outer) c.header(name, undefined)
  return outer
}

/** Replaces the response and puts the outer headers on it, as Hono does, but keeps what both say of Vary and Cache-Status. */
export function setResponse(c: Context, response: Response, outer: readonly (readonly [string, string])[]): void {
  let final = response
  if (outer.length > 0) {
    final = new Response(response.body, response)
    for (const [name, value] of outer) {
      if (name === 'set-cookie') final.headers.append(name, value)
      else if (name === 'vary') final.headers.append(name, value)
      else if (name !== 'content-type' && name !== 'cache-status') final.headers.set(name, value)
    }
  }
  // Cleared first: the setter would merge the headers of both.
  c.res = undefined
  c.res = final
}
