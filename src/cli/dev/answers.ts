import type { LocalUpstash } from '../../testing/start-upstash.ts'

/** Asks through the gateway. @returns whether a Redis answers behind it; it gives up by itself within a second */
export async function answers({ url, token }: LocalUpstash, signal: AbortSignal): Promise<boolean> {
  try {
    const { ok } = await fetch(`${url}/ping`, { headers: { authorization: `Bearer ${token}` }, signal })
    return ok
  } catch {
    // Interrupted: nobody wants to know any more.
    return signal.aborted
  }
}
