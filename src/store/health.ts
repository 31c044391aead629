import { CacheError } from '../errors.ts'
import { startClock, timeLeft } from '../policy/elapsed.ts'
import { primariesOf, send } from '../session/send.ts'
import { beginLong, type Request, type Session } from '../session/session.ts'
import type { CallOptions } from '../options/types.ts'
import { CLUSTER_INFO, getCommand, keyOf, PING, readIsCluster, readPong, readRole, readText, ROLE } from './commands.ts'
import type { StoreContext } from './context.ts'

/** What came of looking at Redis. */
export interface Pulse {
  /** Why there is no sign of life; of many nodes, from one of them. */
  readonly failure: CacheError | undefined
  /** Of a cluster: primaries that answered, and all of them. */
  readonly nodes?: { readonly up: number; readonly of: number }
  /** It is a replica: it takes no writes. */
  readonly isReadOnly?: boolean
}

/** Asks Redis for a sign of life, every primary of a cluster, in a cooldown too. */
export async function ping(context: StoreContext, call?: CallOptions): Promise<Pulse> {
  const { session, now } = context
  const request = { ...call, ignoresCooldown: true }
  const own = session()
  const elapsed = startClock(now)
  const asked = primariesOf(own, request)
  if (!(asked instanceof Promise)) return pingOne(context, request)
  const { isBegun, end } = beginLong(own)
  try {
    return await pingAll(context, own, await asked, { ...request, isBegun }, elapsed)
  } finally {
    end()
  }
}

async function pingAll(
  { options }: StoreContext,
  own: Session,
  nodes: readonly string[] | CacheError,
  request: Request,
  elapsed: () => number,
): Promise<Pulse> {
  if (nodes instanceof CacheError) return { failure: nodes }
  const bound = request.timeout ?? options.timeout
  const timeout = timeLeft(bound, elapsed())
  // To learn who holds the keys took all of it: whether those are up nobody knows.
  if (timeout === 0) return { failure: new CacheError('timeout', `No answer within ${bound} ms`, { phase: 'command' }) }
  const failures = await Promise.all(
    nodes.map(async (node) => {
      const [reply = null] = await send(own, [PING], undefined, { ...request, timeout, node })
      return readPong(reply)
    }),
  )
  const up = failures.filter((failure) => failure === undefined).length
  return { failure: failures.find((failure) => failure !== undefined), nodes: { up, of: nodes.length } }
}

/** Over TCP it is asked in the same round trip what it is: a node of a cluster and a Sentinel answer PING, too. */
async function pingOne(context: StoreContext, request: CallOptions): Promise<Pulse> {
  const commands = isOneAddress(context) ? [PING, ROLE, CLUSTER_INFO] : [PING]
  const [pong = null, roleReply = null, cluster = null] = await send(context.session(), commands, undefined, request)
  let failure = readPong(pong)
  if (failure?.cause?.code === 'NOPERM') failure = await refusedRead(context, request)
  const role = readRole(roleReply)
  return { failure: failure ?? misplaced(role, readIsCluster(cluster)), isReadOnly: role === 'slave' }
}

/** Why the server behind the URL does not hold all keys; undefined where it does, or does not tell. */
export async function misplacedServer(context: StoreContext, call: CallOptions): Promise<CacheError | undefined> {
  if (!isOneAddress(context)) return undefined
  const [cluster = null] = await send(context.session(), [CLUSTER_INFO], undefined, call)
  return misplaced(undefined, readIsCluster(cluster))
}

/** An ACL may forbid PING alone. Reading is what a cache needs, and the answer to a key that nobody writes says whether it may. */
async function refusedRead({ session, options }: StoreContext, request: CallOptions): Promise<CacheError | undefined> {
  const key = options.keys.public('')
  const [reply = null] = await send(session(), [getCommand(key)], keyOf, request)
  const text = readText(reply)
  return text instanceof CacheError ? text : undefined
}

/** A `redis:`, `rediss:` or `unix:` URL: one server, which is to hold all keys. */
function isOneAddress({ transportName }: StoreContext): boolean {
  return transportName === 'tcp'
}

function misplaced(role: string | undefined, isCluster: boolean): CacheError | undefined {
  if (role === 'sentinel') {
    return new CacheError('reply', 'The URL leads to a Sentinel, which holds no keys; write redis+sentinel://host:26379/master-name')
  }
  if (!isCluster) return undefined
  return new CacheError('reply', 'The URL leads to one node of a cluster, which holds a part of the keys; write redis+cluster:// instead of redis://')
}
