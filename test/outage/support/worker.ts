import { type CacheEvent, createCache } from 'fastmiss'
import { tcp } from 'fastmiss/tcp'
import type { Briefing } from './runtime.ts'
import { createSubject, type StepName, type Subject } from './subject.ts'

interface Env {
  /** Reaches the one who holds the switch. */
  readonly CONTROL: { fetch(url: string): Promise<Response> }
}

/** Caches live as long as the isolate, as they do in production: what one request learns the next one knows. */
const subjects = new Map<string, Subject>()

/** The story in workerd, a step a request. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { id, step, ...briefing } = (await request.json()) as Briefing & { readonly step: StepName }
    const subject = subjects.get(id) ?? makeSubject(briefing)
    subjects.set(id, subject)
    return Response.json(
      await subject[step](briefing, async (order) => (await env.CONTROL.fetch(`http://control/?${new URLSearchParams({ id, order })}`)).json()),
    )
  },
}

function makeSubject({ url, options }: Omit<Briefing, 'id'>): Subject {
  let dials = 0
  return createSubject({
    makeCache(cooldown, onEvent, more = {}) {
      const count = (event: CacheEvent): void => {
        // Nothing else in this runtime counts attempts that were refused.
        if (event.type === 'connect') dials += 1
        onEvent(event)
      }
      const shared = { cooldown, maxCooldown: cooldown, onEvent: count, ...more }
      if (url.startsWith('http')) return createCache({ url, ...options, ...shared })
      // Whom to trust is told to the runtime as a whole: its sockets take no certificates.
      const { connectTimeout, tls: _, ...others } = options as { readonly connectTimeout?: number; readonly tls?: unknown }
      return createCache({ transport: tcp(url, connectTimeout === undefined ? {} : { connectTimeout }), ...others, ...shared })
    },
    dials: () => dials,
    // The runtime tells nobody; the door does, while the request lasts.
    left: () => Promise.resolve([]),
  })
}
