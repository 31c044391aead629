import type { Dialer } from './connection.ts'
import type { NodesConnection, NodesHost } from './nodes.ts'

export type { Command, Connection, Reply } from './connection.ts'

/**
 * A way to reach Redis. It holds configuration only: no socket, no timer, no promise of a request,
 * so that it may live at module scope in any runtime.
 */
export interface Transport extends Dialer {
  /** The connections of one invocation to many nodes. Absent where there is one address. */
  nodes?(host: NodesHost): NodesConnection
}
