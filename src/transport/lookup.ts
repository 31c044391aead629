// The default export: who replaced `dns.lookup` gets what they asked for.
import dns, { type LookupAddress, type LookupOptions } from 'node:dns'

type Found = (error: Error | null, addresses: readonly LookupAddress[]) => void
type Callback = (error: Error | null, address: string | LookupAddress[], family?: number) => void

interface Asked {
  readonly hostname: string
  readonly options: LookupOptions
  readonly waiting: Found[]
}

/** A name server that took so long (ms) may not answer at all. */
const STUCK = 100

/** Names of which it is known what they led to: an application that makes names up, one a tenant, is not to grow by them. */
const MOST_KNOWN = 1_000
/** What names led to: text, nothing of a request. The one that was looked up last is the last. */
const known = new Map<string, readonly LookupAddress[]>()
const queue = new Map<string, Asked>()
let current: { readonly key: string; readonly asked: Asked; readonly since: number } | undefined

/**
 * `dns.lookup` for sockets of ours, never two at once in this process. Each holds a thread of libuv until the name server answers or
 * the resolver gives up, which takes tens of seconds, and two that are held stop every other lookup of the application. Who comes
 * while one is stuck gets the addresses that the name led to before.
 */
function lookupOneAtATime(hostname: string, options: LookupOptions, callback: Callback): void {
  const key = `${options.family ?? 0} ${options.hints ?? 0} ${hostname}`
  const found: Found = (error, addresses) => {
    const [first] = addresses
    if (error !== null || first === undefined) callback(error ?? notFound(), '')
    else if (options.all === true) callback(null, [...addresses])
    else callback(null, first.address, first.family)
  }
  const before = known.get(key)
  if (before !== undefined && current !== undefined && performance.now() - current.since > STUCK) {
    queueMicrotask(() => found(null, before))
    return
  }
  const asked = current?.key === key ? current.asked : (queue.get(key) ?? { hostname, options, waiting: [] })
  asked.waiting.push(found)
  if (asked === current?.asked) return
  queue.set(key, asked)
  if (current === undefined) next()
}

/**
 * After so long (ms) Node tries the next address of a name: early enough for one that drops packets to leave the next one most of the
 * time, and not so early that a far one is given up. Node's own is 250, the whole of our timeout.
 *
 * @param connectTimeout ms; undefined: nobody knows, so that the default is taken for it
 */
function attemptTimeout(connectTimeout = 250): number {
  return Math.max(10, Math.min(250, Math.floor(connectTimeout / 3)))
}

/** What `net.connect` and `tls.connect` are given so. */
export interface NameOptions {
  readonly lookup: typeof lookupOneAtATime
  readonly autoSelectFamily: boolean
  readonly autoSelectFamilyAttemptTimeout: number
}

/**
 * For Node alone: in workerd a lookup belongs to its request, and cannot be waited for by another.
 *
 * @param connectTimeout ms; undefined: nobody knows
 */
export function namesOnNode(connectTimeout: number | undefined): NameOptions {
  return { lookup: lookupOneAtATime, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: attemptTimeout(connectTimeout) }
}

function next(): void {
  const [first] = queue
  if (first === undefined) return
  const [key, asked] = first
  queue.delete(key)
  const own = { key, asked, since: performance.now() }
  current = own
  function answer(error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[] = []): void {
    // A second answer to one question.
    if (current !== own) return
    current = undefined
    next()
    if (error === null) remember(key, addresses)
    else if (error.code === 'ENOTFOUND') known.delete(key)
    // The name server is out, not what the name led to.
    const before = error?.code === 'EAI_AGAIN' ? known.get(key) : undefined
    for (const found of asked.waiting) found(before === undefined ? error : null, before ?? addresses)
  }
  try {
    dns.lookup(asked.hostname, { ...asked.options, all: true }, answer)
  } catch (error) {
    // `family` and `hints` come from the caller's `tls`; and who replaced `dns.lookup` may throw. All other names wait behind this one.
    setImmediate(answer, error as Error)
  }
}

function remember(key: string, addresses: readonly LookupAddress[]): void {
  known.delete(key)
  known.set(key, addresses)
  for (const oldest of known.keys()) {
    if (known.size <= MOST_KNOWN) return
    known.delete(oldest)
  }
}

function notFound(): Error {
  return Object.assign(new Error('The name has no address'), { code: 'ENOTFOUND' })
}
