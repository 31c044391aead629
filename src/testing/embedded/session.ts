import type { Protocol } from './encode-reply.ts'
import type { Entry } from './entry.ts'
import type { Keyspace } from './keyspace.ts'
import type { Bytes, Request } from './reply.ts'

/** One connection, as the commands see it. */
export interface Session {
  readonly id: number
  /** `address:port` of the client, as CLIENT INFO has it. */
  readonly address: string
  /** Epoch ms. */
  readonly openedAt: number
  name: Bytes
  library: { name: Bytes; version: Bytes }
  protocol: Protocol
  /** Whether the password was given, or none is asked for. */
  isTrusted: boolean
  database: number
  /** The last command, for CLIENT INFO. */
  command: string
  /** What waits for EXEC, between MULTI and EXEC. */
  transaction: { readonly requests: Request[]; isBroken: boolean } | undefined
  watched: Watched[]
  /** The connection ends after this answer. */
  isClosing: boolean
}

/** A key as it was when WATCH looked at it. */
interface Watched {
  readonly keys: Keyspace
  readonly key: Bytes
  readonly version: Entry['version'] | undefined
}

/** @returns the session of a new connection */
export function openSession(id: number, address: string, openedAt: number, isTrusted: boolean): Session {
  return {
    id,
    address,
    openedAt,
    isTrusted,
    name: '',
    library: { name: '', version: '' },
    protocol: 2,
    database: 0,
    command: 'NULL',
    transaction: undefined,
    watched: [],
    isClosing: false,
  }
}
