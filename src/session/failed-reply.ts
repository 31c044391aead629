import type { CacheError } from '../errors.ts'
import type { Reply } from '../transport/transport.ts'

/** What a server that takes no writes, or has lost its primary, answers with. */
const DEMOTED = /^(READONLY|MASTERDOWN)$/

/** The command got no answer because its connection went away. */
export function isLost(reply: Reply | undefined): boolean {
  return reply instanceof Error && reply.isLost
}

/** The connection is not used again. */
export function isFatal(reply: Reply): reply is CacheError {
  return reply instanceof Error && reply.isFatal
}

/** The server is a replica, so that it refuses writes; one without its primary refuses everything. */
export function isDemoted(reply: Reply | undefined): boolean {
  return reply instanceof Error && DEMOTED.test(reply.cause?.code ?? '')
}
