import type { CacheError } from '../errors.ts'
import type { CacheEvent } from '../options/events.ts'
import type { Cooldown } from '../policy/cooldown.ts'
import type { Connection } from '../transport/transport.ts'
import type { SendOptions } from './send-options.ts'

/** A connection, and what came of it so far. */
export interface Dialled {
  readonly connection: Connection
  readonly ticket: number
  /** True once a reply came back over it. */
  hasAnswered: boolean
  /** Its failure was reported to the cooldown. */
  hasFailed?: true
  /** Epoch ms. */
  readonly dialledAt: number
  usedAt: number
  /** Pipelines that wait for their replies. */
  underWay: number
  /** Called when there are none left. */
  whenFree?: () => void
}

/** Tells the cooldown, and whoever listens, what became of connections. */
export interface ConnectionReport {
  /** It never answered. */
  failed(dialled: Dialled, failure: CacheError): void
  /** Its failure begins a cooldown; a silence of less than the full timeout adds to others. */
  outage(dialled: Dialled, failure: CacheError, options: SendOptions): void
  /** Somebody stopped waiting after so many ms. */
  silence(dialled: Dialled, waited: number): void
}

/** @param transport its name, for whoever listens */
export function reportTo(cooldown: Cooldown, transport: string, emit: ((event: CacheEvent) => void) | undefined): ConnectionReport {
  const tell = (span: number | undefined, reason: CacheError['code']): void => {
    if (span !== undefined) emit?.({ type: 'cooldown', reason, ms: span })
  }
  return {
    failed({ usedAt, dialledAt }, { code, phase }) {
      emit?.({ type: 'connect-failed', transport, ms: usedAt - dialledAt, reason: code, ...(phase === undefined ? {} : { phase }) })
    },
    outage({ ticket, usedAt }, { code }, { isPartial, at }) {
      tell(isPartial && code === 'timeout' ? cooldown.suspect(ticket, Math.max(0, usedAt - at)) : cooldown.trip(ticket), code)
    },
    silence: ({ ticket }, waited) => tell(cooldown.suspect(ticket, waited), 'timeout'),
  }
}
