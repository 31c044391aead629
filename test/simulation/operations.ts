import type { Cache, Invocation } from '../../src/facade/types.ts'
import type { Connections } from './client.ts'
import type { SimulatedCluster } from './cluster.ts'
import type { Background, History, Instant, Operation, Value } from './history.ts'
import type { Step } from './plan.ts'
import type { Record, SimulatedServer } from './server.ts'
import type { VirtualTime } from './virtual-time.ts'

/** A process, and its cache. */
export interface Isolate {
  readonly cache: Cache
  readonly connections: Connections
  readonly invocations: Map<number, { readonly invocation: Invocation; readonly began: Instant }>
}

/** What the steps of a plan run on. */
export interface Context {
  readonly time: VirtualTime
  readonly history: History
  readonly isolates: readonly Isolate[]
  readonly servers: readonly SimulatedServer[]
  readonly held: Record
  readonly cluster: SimulatedCluster | undefined
  nextId: number
}

/** Carries a step out, and writes down what came of it. */
export async function take(step: Step, context: Context): Promise<void> {
  const { time, history, isolates } = context
  const { cache, invocations } = isolates[step.isolate] ?? fail()
  const open = step.invocation === undefined ? undefined : invocations.get(step.invocation)
  const operation: Operation = {
    step,
    began: instant(time),
    ended: undefined,
    ids: new Map(),
    outcome: undefined,
    error: undefined,
    invocationBegan: open?.began,
  }
  history.operations.push(operation)
  try {
    operation.outcome = await call(operation, open?.invocation ?? cache, context)
  } catch (error) {
    operation.error = error
  }
  operation.ended = instant(time)
}

function call({ step, ids }: Operation, cache: Cache | Invocation, context: Context): Promise<unknown> {
  const { keys, tags, ttl, swr, staleIfError, hasLease, hasWaitUntil } = step
  const [key = 'a'] = keys
  const valueOf = (one: string): Value => {
    const id = (context.nextId += 1)
    ids.set(one, id)
    return { key: one, id }
  }
  const windows = ttl === undefined ? {} : { ttl, swr, staleIfError }
  const waitUntil = hasWaitUntil ? { waitUntil: (work: Promise<unknown>) => void watch(step.isolate, work, context) } : {}
  switch (step.name) {
    case 'get':
    case 'lookup':
    case 'has':
    case 'delete':
      return cache[step.name](key)
    case 'getMany':
    case 'deleteMany':
      return cache[step.name](keys)
    case 'set':
      return cache.set(key, valueOf(key), { ttl, tags })
    case 'setMany':
      return cache.setMany(keys.map((one) => ({ key: one, value: valueOf(one), ttl, tags })))
    case 'wrap':
      return cache.wrapped(key, ({ setTags }) => load(step, [key], context, (_, late) => setTags(late)).then((map) => map.get(key)), {
        ...windows,
        ...waitUntil,
        tags,
        ...(hasLease ? { lease: true } : {}),
      })
    case 'wrapMany':
      return cache.wrapMany(keys, (missing, { setTags }) => load(step, missing, context, setTags), { ...windows, ...waitUntil, tags })
    case 'invalidateTags':
      return cache.invalidateTags(tags)
    case 'clear':
      return cache.clear()
    case 'health':
      return cache.health()
  }
}

async function load(
  step: Step,
  keys: readonly string[],
  context: Context,
  setTags: (key: string, tags: readonly string[]) => void,
): Promise<Map<string, Value>> {
  const { time, history } = context
  const values = keys.map((key): Value => ({ key, id: (context.nextId += 1) }))
  const one = {
    isolate: step.isolate,
    keys,
    began: instant(time),
    ended: undefined as Instant | undefined,
    ids: values.map(({ id }) => id),
    tags: step.lateTags ?? step.tags,
  }
  history.loads.push(one)
  if (step.loadsFor > 0) await new Promise<void>((resolve) => void time.after(step.loadsFor, resolve))
  one.ended = instant(time)
  if (step.lateTags !== undefined) for (const key of keys) setTags(key, step.lateTags)
  if (step.isLoaderFailing) throw new Error('The loader failed')
  return new Map(values.map((value) => [value.key, value]))
}

/** Writes down when work in the background begins and ends. */
export async function watch(isolate: number, work: Promise<unknown>, { time, history }: Context): Promise<void> {
  const background: Background = { isolate, began: instant(time), ended: undefined }
  history.background.push(background)
  await work.catch(() => {})
  background.ended = instant(time)
}

/** Now. */
export function instant(time: VirtualTime): Instant {
  return { at: time.elapsed(), order: time.order() }
}

/** For what a plan cannot bring about. */
export function fail(): never {
  throw new Error('The plan names what is not there')
}
