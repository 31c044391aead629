import { execute } from '../../src/testing/embedded/execute.ts'
import { RedisError, type Reply as EmbeddedReply } from '../../src/testing/embedded/reply.ts'
import { openSession, type Session } from '../../src/testing/embedded/session.ts'
import { defaultSettings } from '../../src/testing/embedded/settings.ts'
import { createState } from '../../src/testing/embedded/state.ts'
import { EPOCH, type VirtualTime } from './virtual-time.ts'

/** What is wrong with a server for a while. */
export type Fault =
  /** The port refuses. */
  | 'refused'
  /** A packet that opens a connection is dropped; open ones go silent. */
  | 'dropped'
  /** Accepts and says nothing; open connections go silent. */
  | 'silent'
  /** Accepts and hangs up; open connections are cut. */
  | 'reset'
  /** Each connection is cut while a reply is under way: the command was carried out. */
  | 'cut'
  /** Answers one command of a pipeline, then nothing. */
  | 'half'
  /** Answers when the fault is over. */
  | 'frozen'
  /** Answers each command with an error. */
  | 'loading'
  | 'readonly'
  | 'oom'
  | 'wrongpass'

/** What a key held from an instant on; undefined for nothing. */
export interface Held {
  readonly order: number
  readonly at: number
  readonly text: string | undefined
  /** When it ends by the server's clock, ms since the start; undefined: never. */
  readonly endsAt: number | undefined
}

/** A Redis in this process: the embedded one, with a clock of its own, and a record of what each key held. */
export interface SimulatedServer {
  fault: Fault | undefined
  readonly address: string
  /** Called when the fault changes. */
  readonly whenChanged: Set<() => void>
  open(): Session
  run(request: readonly string[], session: Session): unknown
  /** Sets its clock by so many ms. */
  jump(ms: number): void
  /** Carries a command out, whatever is wrong with the server. */
  carryOut(request: readonly string[]): unknown
}

/** What a node of a cluster knows of it. */
export interface Membership {
  /** What a node answers by itself: questions about the cluster, and keys of others. Undefined: it has to carry the command out. */
  answer(request: readonly string[], address: string): unknown
  isOwner(storedKey: string, address: string): boolean
}

/** What each key held, oldest first: of all servers together. */
export type Record = Map<string, Held[]>

const READS = /^(GET|MGET|EXISTS|PTTL|PING|SCAN|SELECT|AUTH|HELLO|CLIENT|ROLE|INFO)$/

/** @param cluster where it is a node of one */
export function createServer(time: VirtualTime, held: Record, address: string, cluster: Membership | undefined): SimulatedServer {
  let offset = 0
  let sessions = 0
  const now = (): number => EPOCH + offset + Math.floor(time.elapsed())
  const state = createState(defaultSettings(), 6379, now)

  function watch(storedKey: string): void {
    const entry = state.databases[0]?.find(storedKey)
    const text = typeof entry?.value === 'string' ? entry.value : undefined
    const history = held.get(storedKey) ?? []
    held.set(storedKey, history)
    const endsAt = entry === undefined || entry.expiresAt === Infinity ? undefined : entry.expiresAt - EPOCH - offset
    if (history.at(-1)?.text !== text || history.at(-1)?.endsAt !== endsAt) history.push({ order: time.order(), at: time.elapsed(), text, endsAt })
  }

  const own = openSession(0, '127.0.0.1:1', now(), true)

  function perform(request: readonly string[], session: Session): unknown {
    const [name = '', ...args] = request
    const reply = execute(request, session, state)
    if (!READS.test(name)) for (const key of args) if (held.has(key) || name === 'SET') watch(key)
    return reply
  }

  const server: SimulatedServer = {
    fault: undefined,
    address,
    whenChanged: new Set(),
    open: () => openSession((sessions += 1), '127.0.0.1:1', now(), true),
    run(request, session) {
      const error = server.fault === undefined ? undefined : errorOf(server.fault, request[0] ?? '')
      if (error !== undefined) return new RedisError(error)
      return cluster?.answer(request, address) ?? perform(request, session)
    },
    carryOut: (request) => perform(request, own),
    jump(ms) {
      offset += ms
      // What ends by the server's clock ends sooner or later now.
      for (const key of held.keys()) if (cluster?.isOwner(key, address) !== false) watch(key)
    },
  }
  return server
}

function errorOf(fault: Fault, name: string): string | undefined {
  if (fault === 'loading') return 'LOADING Redis is loading the dataset in memory'
  if (fault === 'wrongpass') return 'NOAUTH Authentication required.'
  if (READS.test(name)) return undefined
  if (fault === 'readonly') return "READONLY You can't write against a read only replica."
  if (fault === 'oom') return name === 'SET' ? "OOM command not allowed when used memory > 'maxmemory'." : undefined
  return undefined
}

/** A reply of the embedded server as node-redis gives it over RESP 2. */
export function toDriverReply(reply: unknown): unknown {
  const given = reply as EmbeddedReply
  if (given instanceof Set) return [...given]
  if (Array.isArray(given)) return given.map(toDriverReply)
  if (typeof given === 'object' && given !== null && 'status' in given) return given.status
  return given
}
