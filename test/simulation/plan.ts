import { createRandom, type Random } from './random.ts'
import type { Fault } from './server.ts'

/** What one process does with its cache. */
interface IsolatePlan {
  readonly cooldown: number
  readonly maxCooldown: number
  readonly connection: 'per-invocation' | 'reuse'
  readonly sharesRoot: 'while-busy' | 'turn'
  /** Copies in the process; undefined: none. */
  readonly memory: { readonly ttl: number; readonly outage: number; readonly entries: number; readonly share: boolean } | undefined
}

/** One call of the cache. */
export interface Step {
  readonly what: 'step'
  readonly at: number
  readonly isolate: number
  /** Number of an invocation, or undefined for a call outside of one. */
  readonly invocation: number | undefined
  readonly name:
    | 'get'
    | 'lookup'
    | 'has'
    | 'getMany'
    | 'set'
    | 'setMany'
    | 'delete'
    | 'deleteMany'
    | 'wrap'
    | 'wrapMany'
    | 'invalidateTags'
    | 'clear'
    | 'health'
  readonly keys: readonly string[]
  readonly tags: readonly string[]
  /** Tags that the loader names once it has the value; undefined: it names none, and those above hold. */
  readonly lateTags: readonly string[] | undefined
  readonly ttl: number | undefined
  readonly swr: number
  readonly staleIfError: number
  /** ms that a loader takes. */
  readonly loadsFor: number
  readonly isLoaderFailing: boolean
  readonly hasLease: boolean
  readonly hasWaitUntil: boolean
}

/** One request. */
interface InvocationPlan {
  readonly what: 'invocation'
  readonly number: number
  readonly isolate: number
  readonly at: number
  readonly until: number
}

/** Something is wrong with the server for a while. */
interface FaultPlan {
  readonly what: 'fault'
  /** Which server. */
  readonly node: number
  readonly at: number
  readonly until: number
  readonly fault: Fault
}

/** A clock is set. */
interface JumpPlan {
  readonly what: 'jump'
  readonly at: number
  readonly by: number
  readonly whose: 'client' | 'server'
}

/** The slot of a key goes to another node of the cluster. */
interface MovePlan {
  readonly what: 'move'
  readonly at: number
  readonly key: string
  readonly to: number
}

export type Item = Step | InvocationPlan | FaultPlan | JumpPlan | MovePlan

/** All that happens in a run, worked out before it begins, so that it can be cut down afterwards. */
export interface Plan {
  readonly seed: number
  /** Servers; more than one are a cluster. */
  readonly nodes: number
  readonly isolates: readonly IsolatePlan[]
  readonly items: readonly Item[]
  readonly endsAt: number
}

const KEYS = ['a', 'b', 'c', 'd'] as const
const TAGS = ['t', 'u'] as const
const FAULTS = ['refused', 'dropped', 'silent', 'reset', 'cut', 'half', 'frozen', 'loading', 'readonly', 'oom', 'wrongpass'] as const
/** Each as often as it stands here. */
const NAMES = [
  'get',
  'get',
  'lookup',
  'lookup',
  'lookup',
  'has',
  'getMany',
  'set',
  'set',
  'setMany',
  'delete',
  'deleteMany',
  'wrap',
  'wrap',
  'wrap',
  'wrap',
  'wrapMany',
  'invalidateTags',
  'clear',
  'health',
] as const

/** @returns the plan of a seed; the same one each time */
export function planOf(seed: number): Plan {
  const random = createRandom(seed)
  const endsAt = random.between(500, 6_000)
  const nodes = random.chance(0.3) ? 3 : 1
  const isolates = Array.from({ length: random.between(1, 2) }, () => isolate(random))
  const invocations = Array.from({ length: random.between(0, 4) }, (_, number): InvocationPlan => {
    const at = random.between(0, endsAt)
    return { what: 'invocation', number, isolate: random.between(0, isolates.length - 1), at, until: at + random.between(1, 1_500) }
  })
  const faults = Array.from({ length: random.between(0, 3) }, (): FaultPlan => {
    const at = random.between(0, endsAt)
    return {
      what: 'fault',
      node: random.between(0, nodes - 1),
      at,
      until: at + random.between(1, random.chance(0.5) ? 300 : 3_000),
      fault: random.pick(FAULTS),
    }
  })
  const jumps = Array.from({ length: random.chance(0.15) ? 1 : 0 }, (): JumpPlan => {
    const by = random.between(1, random.chance(0.5) ? 3_000 : 3_600_000) * (random.chance(0.5) ? 1 : -1)
    return { what: 'jump', at: random.between(0, endsAt), by, whose: random.pick(['client', 'server']) }
  })
  const moves = Array.from({ length: nodes > 1 && random.chance(0.3) ? random.between(1, 2) : 0 }, (): MovePlan => {
    return { what: 'move', at: random.between(0, endsAt), key: random.pick(KEYS), to: random.between(0, nodes - 1) }
  })
  const steps: Step[] = []
  for (let count = random.between(5, 30); count > 0; count -= 1) {
    const at = random.between(0, endsAt)
    // Calls come in bursts: in one turn, or close together.
    for (let burst = random.chance(0.3) ? random.between(2, 4) : 1; burst > 0; burst -= 1) {
      const one = step(random, at + (random.chance(0.5) ? 0 : random.between(0, 40)), isolates.length, invocations)
      steps.push(one)
      // What somebody changes while its old value is being loaded.
      if (one.lateTags === undefined || !random.chance(0.3)) continue
      steps.push({ ...step(random, one.at + random.between(0, one.loadsFor), isolates.length, []), name: 'invalidateTags', tags: one.lateTags })
    }
  }
  return { seed, nodes, isolates, endsAt, items: [...invocations, ...faults, ...jumps, ...moves, ...steps] }
}

function isolate(random: Random): IsolatePlan {
  const cooldown = random.pick([1_000, 1_000, 200, 0])
  return {
    cooldown,
    maxCooldown: cooldown === 0 ? 0 : 10 * cooldown,
    connection: random.pick(['per-invocation', 'reuse']),
    sharesRoot: 'while-busy',
    memory: random.chance(0.4)
      ? {
          ttl: random.pick([1, 100, 1_000]),
          outage: random.pick([0, 500, 60_000]),
          entries: random.pick([2, 100]),
          share: random.chance(0.3),
        }
      : undefined,
  }
}

function step(random: Random, at: number, isolates: number, invocations: readonly InvocationPlan[]): Step {
  const isolateOf = random.between(0, isolates - 1)
  const open = invocations.filter((one) => one.isolate === isolateOf && one.at <= at && at < one.until)
  const chosen = open.length > 0 && random.chance(0.7) ? open[random.between(0, open.length - 1)] : undefined
  const name = random.pick(NAMES)
  const isMany = name.endsWith('Many')
  return {
    what: 'step',
    at,
    isolate: isolateOf,
    invocation: chosen?.number,
    name,
    keys: isMany ? KEYS.filter(() => random.chance(0.6)) : [random.pick(KEYS)],
    tags: TAGS.filter(() => random.chance(name === 'invalidateTags' ? 0.7 : 0.2)),
    lateTags: name.startsWith('wrap') && random.chance(0.3) ? TAGS.filter(() => random.chance(0.7)) : undefined,
    ttl: random.chance(0.2) ? undefined : random.pick([50, 500, 2_000, 60_000]),
    swr: random.chance(0.3) ? random.between(1, 2_000) : 0,
    staleIfError: random.chance(0.3) ? random.between(1, 4_000) : 0,
    loadsFor: random.chance(0.5) ? 0 : random.between(1, 100),
    isLoaderFailing: random.chance(0.1),
    hasLease: random.chance(0.15),
    hasWaitUntil: random.chance(0.4),
  }
}
