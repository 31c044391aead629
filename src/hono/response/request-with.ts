/**
 * The same request with other fields. Built from its parts: an adapter may hand over what is no instance of the global `Request`
 * (`overrideGlobalObjects: false` of @hono/node-server), which the constructor refuses. Only GET and HEAD come here, without a body.
 */
export function requestWith(raw: Request, headers: Headers, signal: AbortSignal | null = raw.signal): Request {
  const { url, method } = raw
  // What Workers tell of the connection; other runtimes do not know the field.
  return new Request(url, Object.assign({ method, headers, signal }, 'cf' in raw ? { cf: raw.cf } : {}))
}
