import type { Context, Next } from 'hono'
import type { RequestDirectives } from '../../http/request-directives.ts'
import type { StoredResponse } from '../../http/stored.ts'
import type { Cache } from '../../facade/types.ts'
import type { CacheOperations } from '../../facade/operations.ts'
import type { Lookup, Query } from './lookup.ts'

/** One request on its way to the handler. */
export interface Forwarded {
  readonly c: Context
  readonly next: Next
  readonly root: Cache
  readonly cache: CacheOperations
  readonly query: Query
  readonly lookup: Lookup
  readonly directives: RequestDirectives
  readonly isAuthorized: boolean
  /** Scheme and host. */
  readonly origin: string
  /** Told once what can be shared with requests that wait: what is to be stored, before it is. */
  readonly share: (stored: StoredResponse | undefined) => void
}
