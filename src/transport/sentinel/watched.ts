import type { HostPort } from '../../options/nodes-url.ts'
import { CacheError } from '../../errors.ts'
import { nodeName } from '../node-name.ts'
import type { Command, Reply, Transport } from '../transport.ts'

/** A primary, its replicas and the sentinels that watch them. Plain data, one for each cache: it outlives invocations. */
export interface Watched {
  /** What the sentinels call the primary. */
  readonly name: string
  /** The sentinels, the one that answered last first. */
  sentinels: readonly string[]
  readonly readsReplicas: boolean
  /** `host:port`, as the sentinels said last; empty before. */
  primary: string
  replicas: readonly string[]
  /** When they were last asked while the primary was out. Epoch ms. */
  askedAt: number | undefined
  transportToSentinel(name: string): Transport
  transportToNode(name: string): Transport
}

/** What sentinels are asked, and how their replies are read. */
export function questions({ name, readsReplicas }: Watched): readonly Command[] {
  const who = ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name]
  return readsReplicas ? [who, ['SENTINEL', 'REPLICAS', name]] : [who]
}

/**
 * Takes the replies of a sentinel.
 *
 * @returns undefined where it named a primary, or why it did not
 */
export function learnFrom(watched: Watched, sentinel: string, [who, others]: readonly Reply[]): CacheError | undefined {
  if (who instanceof CacheError) return who
  const primary = readAddress(who ?? null)
  if (primary === undefined) {
    const message = who === null ? `The sentinels know no primary by the name '${watched.name}'` : 'The other side is no sentinel'
    return new CacheError(who === null ? 'unreachable' : 'protocol', message, { isOutage: true, isFatal: true })
  }
  watched.primary = primary
  if (Array.isArray(others)) {
    // One that is being promoted is told as both for a moment.
    const replicas = (others as readonly Reply[]).flatMap(readReplica).filter(({ name }) => name !== primary)
    // A sentinel may be wrong about one that it takes for dead: it comes last, and is better than none.
    watched.replicas = [...replicas.filter(({ isDown }) => !isDown), ...replicas.filter(({ isDown }) => isDown)].map(({ name }) => name)
  }
  watched.sentinels = [sentinel, ...watched.sentinels.filter((one) => one !== sentinel)]
  return undefined
}

function readAddress(reply: Reply): string | undefined {
  if (!Array.isArray(reply)) return undefined
  const [host, port] = reply as readonly Reply[]
  return typeof host === 'string' && host !== '' && isPort(port) ? nodeName(host, Number(port)) : undefined
}

/** A list of names and values in turn. */
function readReplica(reply: Reply): readonly { readonly name: string; readonly isDown: boolean }[] {
  if (!Array.isArray(reply)) return []
  const words = reply as readonly Reply[]
  const field = (name: string): Reply | undefined => words[words.indexOf(name) + 1]
  const [host, port, flags] = [field('ip'), field('port'), field('flags')]
  if (typeof host !== 'string' || !isPort(port)) return []
  return [{ name: nodeName(host, Number(port)), isDown: /s_down|o_down|disconnected/.test(String(flags)) }]
}

function isPort(port: Reply | undefined): boolean {
  return typeof port === 'string' && /^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) <= 65_535
}

/** @param seeds the sentinels of the URL */
export function createWatched(
  seeds: readonly HostPort[],
  name: string,
  readsReplicas: boolean,
  transports: Pick<Watched, 'transportToNode' | 'transportToSentinel'>,
): Watched {
  const sentinels = seeds.map(({ host, port }) => nodeName(host, port))
  return { ...transports, name, readsReplicas, sentinels, primary: '', replicas: [], askedAt: undefined }
}
