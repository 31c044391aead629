import { createOperations } from './cache.ts'
import { CacheError } from '../errors.ts'
import { handOver } from '../session/hand-over.ts'
import type { WithInternals } from './internals.ts'
import { loadOnce } from '../session/load-once.ts'
import { type EntryOptions, toEntryOptions } from '../entry/entry-options.ts'
import { checkInvocation, resolveOptions } from '../options/resolve-options.ts'
import type { Background, WrapContext } from '../wrap/context.ts'
import { type SingleFlight, createSingleFlight } from '../policy/single-flight.ts'
import { createCooldown } from '../policy/cooldown.ts'
import { createObservation, type Listener } from '../store/observation.ts'
import { type Reporter, traitsOf } from '../store/report.ts'
import { createRootSession } from './root-session.ts'
import type { Runtime } from './runtime.ts'
import { keepRootSessions } from './root-operations.ts'
import { createCopies } from '../store/copies/copies.ts'
import { createCopyingStore } from '../store/copies/copying-store.ts'
import { createStore, type ServerTraits } from '../store/redis-store.ts'
import { closeSession, createSession, isOver, type Session, UNBOUNDED } from '../session/session.ts'
import { createClearPositions } from '../store/clear.ts'
import { createNodesConnection, createNodesHost } from '../session/nodes-connection.ts'
import { createRedisConnection, type RedisConnection } from '../session/redis-connection.ts'
import { createTags, type Tags } from '../store/tags.ts'
import { resolveTransport } from '../transport/transport-options.ts'
import type { CacheOperations } from './operations.ts'
import type { Cache, CacheOptions, Invocation } from './types.ts'
import type { CacheEvent } from '../options/events.ts'
import type { InvocationOptions } from '../options/types.ts'
import type { Loaded } from '../wrap/loaded.ts'

/** Looked up at each call, so that a test's fake timers hold for a cache that was made before them. */
const systemClock = (): number => Date.now()

/** Whether `createCache` would take an address. @throws TypeError or RangeError as it does */
export function checkTarget(given: CacheOptions, runtime: Pick<Runtime, 'transport'>): void {
  const source = resolveTransport(given, resolveOptions(given))
  if (!('open' in source)) runtime.transport(source)
}

/** Makes a cache: checks the options, makes the transport, and the operations over it. */
export function buildCache(given: CacheOptions, runtime: Runtime): Cache & WithInternals {
  const options = toEntryOptions(resolveOptions(given))
  const source = resolveTransport(given, options)
  const transport = 'open' in source ? source : runtime.transport(source)
  if (options.isReused && (transport.name === 'http' || runtime.sharesRoot === 'turn')) {
    throw new TypeError("connection: 'reuse' is for TCP on Node; leave it out here")
  }
  const { now = systemClock, random = Math.random } = runtime
  const observation = createObservation(listenerOf(options.onEvent, runtime.channel), now, () => {
    reporters = new WeakMap()
    Object.assign(cache, rootOperations(options))
  })
  const emit = (event: CacheEvent): void => observation.emit?.(event)
  let reporters = new WeakMap<EntryOptions, Reporter>()
  const cooldown = createCooldown(options.cooldown, options.maxCooldown, options.timeout, now)
  let cooling: CacheError | undefined
  const refusal = (): CacheError =>
    (cooling ??= new CacheError('cooldown', 'Redis failed a moment ago and is not tried again before the cooldown ends'))
  const common = { transport, cooldown, isReused: options.isReused, now, emit, refusal }
  const host = transport.nodes && createNodesHost({ ...common, first: options.cooldown, max: options.maxCooldown, timeout: options.timeout })
  const newConnection = (): RedisConnection => (host && createNodesConnection(transport, host)) ?? createRedisConnection(common)
  const keptConnection = options.isReused ? newConnection() : undefined
  const copies = options.memory && createCopies(options.memory, now)
  const load = loadOnce(transport)
  void load()

  const sharedLoads = runtime.sharesLoads ? createSingleFlight<Loaded>(now) : undefined
  const server: ServerTraits = {}
  const clearPosition = createClearPositions()
  const sessionOptions = { ownsConnection: keptConnection === undefined, timeout: options.timeout, load, now }
  let turnLoads: SingleFlight<Loaded> | undefined

  const root = createRootSession({ runtime, sessionOptions, open: newConnection, kept: keptConnection })

  /** One for each namespace, and none where nobody listens. */
  function reporterOf(own: EntryOptions): Reporter | undefined {
    if (observation.emit === undefined) return undefined
    const made = reporters.get(own) ?? observation.reporter(traitsOf(transport.name, own.namespace))
    if (made !== undefined) reporters.set(own, made)
    return made
  }

  function contextOn(own: EntryOptions, session: () => Session, loads: WrapContext['loads'], bounds?: InvocationOptions): WrapContext {
    const { name, spansSlots } = transport
    const redis = createStore(session, server)
    const store = copies === undefined ? redis : createCopyingStore(redis, copies, now, () => bounds !== undefined && isOver(session()))
    let tags: Tags | undefined
    return {
      options: own,
      transportName: name,
      spansSlots,
      session,
      store,
      copies,
      report: reporterOf(own),
      observation,
      isCooling: cooldown.isOn,
      now,
      random,
      // Calls outside an invocation must not rely on versions that other calls have read.
      tags: () => (tags ??= createTags(store, own, bounds !== undefined, now)),
      loads,
      bounds: bounds ?? UNBOUNDED,
      openBackground: (deadline) => openBackground(own, deadline),
      clearPosition,
    }
  }

  /** What the operations of an invocation run on, for one namespace or another. */
  function contextsOfInvocation(session: Session, bounds: InvocationOptions): (own: EntryOptions) => WrapContext {
    let loads: SingleFlight<Loaded> | undefined
    const loadsOf = (): SingleFlight<Loaded> => sharedLoads ?? (loads ??= createSingleFlight<Loaded>(now))
    return (own) => contextOn(own, () => session, loadsOf, bounds)
  }

  function openBackground(own: EntryOptions, deadline: number): Background {
    const session = createSession(sessionOptions, keptConnection ?? newConnection(), { deadline })
    return { context: contextsOfInvocation(session, { deadline })(own), close: () => closeSession(session) }
  }

  /** Where requests must not wait for each other's promises, calls outside an invocation share loads within one turn only. */
  function rootLoads(): SingleFlight<Loaded> {
    if (sharedLoads !== undefined) return sharedLoads
    if (turnLoads !== undefined) return turnLoads
    const loads = createSingleFlight<Loaded>(now)
    turnLoads = loads
    runtime.afterwards(() => {
      if (turnLoads === loads) turnLoads = undefined
    })
    return loads
  }

  function invocation(given?: InvocationOptions): Invocation & WithInternals {
    const checked = given === undefined ? UNBOUNDED : checkInvocation(given)
    const session = createSession(sessionOptions, keptConnection ?? newConnection(), checked)
    const contextOf = contextsOfInvocation(session, checked)
    let closing: Promise<void> | undefined
    function close(): Promise<void> {
      if (closing !== undefined) return closing
      closing = closeSession(session)
      handOver(closing, checked.waitUntil)
      return closing
    }
    // Set one by one: Object.assign or a spread would be the most expensive part of an invocation.
    const made: WithInternals & CacheOperations & Partial<Invocation> = createOperations(options, contextOf)
    made.close = close
    made[Symbol.asyncDispose] = close
    return made as Invocation & WithInternals
  }

  async function preload(): Promise<CacheError | undefined> {
    const startedAt = now()
    const failure = await load()
    if (failure !== undefined) reporterOf(options)?.read('preload', [failure], startedAt)
    return failure
  }

  /** Closes the session first: what was asked for in this turn is not sent yet. */
  async function close(): Promise<void> {
    await root.close()
    await keptConnection?.finish()
  }

  function rootOperations(own: EntryOptions): CacheOperations & WithInternals {
    const made = createOperations(own, (inner) => contextOn(inner, root.session, rootLoads), rootOperations)
    if (runtime.sharesRoot === 'turn') {
      keepRootSessions(made, root.session, (session) => createOperations(own, (inner) => contextOn(inner, () => session, rootLoads)))
    }
    return made
  }

  const cache: Cache & WithInternals = Object.assign(rootOperations(options), { invocation, preload, close })
  return cache
}

/** Subscribers of the channel are looked for once, so that a cache that nobody listens to makes no event. */
function listenerOf(onEvent: Listener | undefined, channel: Runtime['channel']): Listener | undefined {
  if (channel?.hasSubscribers !== true) return onEvent
  return (event) => {
    channel.publish(event)
    return onEvent?.(event)
  }
}
