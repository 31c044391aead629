import { CacheError } from '../errors.ts'
import { primariesOf, send } from '../session/send.ts'
import type { CallOptions } from '../options/types.ts'
import { PING, readPong } from './commands.ts'
import type { StoreContext } from './context.ts'

/** What came of looking at Redis. */
export interface Pulse {
  /** Why there is no sign of life; of many nodes, from one of them. */
  readonly failure: CacheError | undefined
  /** Of a cluster: primaries that answered, and all of them. */
  readonly nodes?: { readonly up: number; readonly of: number }
}

/** Asks Redis for a sign of life, every primary of a cluster, in a cooldown too. */
export async function ping({ session, options, now }: StoreContext, call?: CallOptions): Promise<Pulse> {
  const request = { ...call, ignoresCooldown: true }
  const own = session()
  const startedAt = now()
  const asked = primariesOf(own, request)
  if (!(asked instanceof Promise)) {
    const [reply = null] = await send(own, [PING], [undefined], request)
    return { failure: readPong(reply) }
  }
  const nodes = await asked
  if (nodes instanceof CacheError) return { failure: nodes }
  const timeout = Math.max(1, (call?.timeout ?? options.timeout) - (now() - startedAt))
  const failures = await Promise.all(
    nodes.map(async (node) => {
      const [reply = null] = await send(own, [PING], [undefined], { ...request, timeout, node })
      return readPong(reply)
    }),
  )
  const up = failures.filter((failure) => failure === undefined).length
  return { failure: failures.find((failure) => failure !== undefined), nodes: { up, of: nodes.length } }
}
