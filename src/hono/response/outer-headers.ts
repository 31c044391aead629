import type { Context } from 'hono'

/** Headers that middleware further out has set. */
export type OuterHeaders = readonly (readonly [name: string, value: string])[]

const NONE: OuterHeaders = []

/**
 * Takes the headers that middleware further out has set before `next()` off the context: the response from further in is then
 * itself alone, and nobody else's CORS header is stored with it.
 */
export function takeOuterHeaders(c: Context): OuterHeaders {
  // A response of the context's own holds what was set so far; making one changes nothing, as reading `c.res` would.
  const { headers } = c.newResponse(null)
  if (headers.keys().next().done === true) return NONE
  const outer = [...headers]
  c.res = undefined
  // The setter says that there is an answer; there is none yet.
  c.finalized = false
  // Hono gives this one to a body that does not name its type.
  for (const [name, value] of outer) c.header(name, name === 'content-type' ? value : undefined)
  return outer
}

/** Before an error page, which is made of what the context holds: nothing of the handler's response must ride on it. */
export function putBackOuterHeaders(c: Context, outer: OuterHeaders): void {
  c.res = undefined
  c.finalized = false
  for (const [name] of c.newResponse(null).headers) c.header(name, undefined)
  for (const [name, value] of outer) c.header(name, value, { append: true })
}

/** What was answered further in. @throws where nothing was: reading `c.res` would make an empty 200 of it, and Hono notice no more */
export function givenResponse(c: Context): Response {
  if (!c.finalized) throw new TypeError('responseCache: no handler returned a Response')
  return c.res
}

/** Makes it the context's response, with the outer headers on it, as Hono puts them, but with what both say of Vary. */
export function setResponse(c: Context, response: Response, outer: OuterHeaders): void {
  let final = response
  if (outer.length > 0) {
    final = new Response(response.body, response)
    for (const [name, value] of outer) {
      if (name === 'set-cookie' || name === 'vary') final.headers.append(name, value)
      else if (name !== 'content-type' && name !== 'cache-status') final.headers.set(name, value)
    }
  }
  if (c.finalized && c.res === final) return
  // Cleared first: the setter would merge the headers of both.
  c.res = undefined
  c.res = final
}
