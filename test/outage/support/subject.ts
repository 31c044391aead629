import { inspect } from 'node:util'
import type { Cache, CacheEvent, CacheOperations, CacheOptions, CallOptions } from 'fastmiss'
import { SECRETS } from './secrets.ts'

/** What one read came to. */
export interface Answer {
  readonly status: string
  readonly reason?: string
  readonly phase?: string
  /** Of a value: Redis, or a copy in memory. */
  readonly from?: string
  /** Measured around the call. */
  readonly ms: number
}

/** What each step tells. `dials` counts attempts to connect since the start. */
export interface Told {
  readonly warm?: Answer
  readonly answers: readonly Answer[]
  /** Reported by `set`, by key. */
  readonly writes: Readonly<Record<string, boolean>>
  /** For the whole of a burst. */
  readonly ms: number
  readonly dials: number
  /** Open at the door when the invocation was closed, seen while the runtime's request still lasted. */
  readonly open: number
  /** What the runtime still holds then. */
  readonly left: readonly string[]
  /** Everything that was said in errors and events. */
  readonly said: readonly string[]
}

/** What a step is told. */
export interface Orders {
  readonly onset: 'cold' | 'warm'
  readonly pause: number
}

/** What differs between runtimes. */
export interface SubjectParts {
  /**
   * @param cooldown ms; 0 for a cache that remembers nothing
   * @param more options than those of the row
   */
  makeCache(cooldown: number, onEvent: (event: CacheEvent) => void, more?: Pick<CacheOptions, 'memory'>): Cache
  dials(): number
  /** What is still held, listeners of the signal included. */
  left(signal: AbortSignal): Promise<readonly string[]>
}

/** Reaches the one who holds the switch, from the middle of a step. */
export type Control = (order: 'break' | 'look') => Promise<{ readonly open: number }>

export type StepName = 'first' | 'second' | 'stateless' | 'recover' | 'keep' | 'copied' | 'last' | 'fifty' | 'blocked'
export type Subject = Readonly<Record<StepName, (orders: Orders, control: Control) => Promise<Told>>>

/** ms. Longer than a busy machine lets pass between two steps of a story. */
export const COOLDOWN = 1_500
const BURST = 1_000
const REMEMBERED = 20
const STATELESS = 3
const WRITES = 50
/** A copy is older at once: without an outage every read asks Redis. */
const COPY_TTL = 1
/** As many errors of one code and text are read through for secrets. */
const LOOKED_INTO = 10
/** Longer than the timeout that the row asks for. */
const BLOCKED = 300
const BLOCKED_ROUNDS = 5

/** The one story that every runtime plays through, a step a request. */
export function createSubject({ makeCache, dials, left }: SubjectParts): Subject {
  const said = new Set<string>()
  const cache = makeCache(COOLDOWN, (event) => hear(event))
  const forgetful = makeCache(0, (event) => hear(event))
  const copying = makeCache(COOLDOWN, (event) => hear(event), { memory: { ttl: COPY_TTL } })

  const heard = new Map<string, number>()

  function hear(event: CacheEvent): void {
    // Times differ from event to event; what may be a secret does not.
    if (event.type === 'degraded') {
      const kind = `${event.error.code} ${event.error.message}`
      const times = (heard.get(kind) ?? 0) + 1
      heard.set(kind, times)
      // A thousand of one kind are looked into a few times: it is most of a story's work.
      if (times <= LOOKED_INTO) hearError(event.error)
      return
    }
    said.add(inspect({ ...event, ms: 0 }, { depth: 10 }))
  }
  function hearError(error: Error): void {
    said.add(`${inspect(error, { depth: 10, showHidden: true })} ${error.message} ${inspect(error.cause)} ${JSON.stringify(error)}`)
  }

  async function ask(operations: CacheOperations, options?: CallOptions, key: string = SECRETS.key): Promise<Answer> {
    const startedAt = performance.now()
    const found = await operations.lookup(key, options)
    const ms = performance.now() - startedAt
    if (found.status === 'miss') return { status: found.status, ms }
    if (found.status !== 'degraded') {
      return { status: found.status, from: found.from, ms, ...(found.reason === undefined ? {} : { reason: found.reason }) }
    }
    hearError(found.error)
    return { status: 'degraded', reason: found.reason, ms, ...(found.phase === undefined ? {} : { phase: found.phase }) }
  }

  async function write(operations: CacheOperations, name: string): Promise<Record<string, boolean>> {
    const key = `${SECRETS.key}:${name}`
    return { [key]: await operations.set(key, SECRETS.value) }
  }

  async function told(part: Partial<Told>): Promise<Told> {
    return { answers: [], writes: {}, ms: 0, dials: dials(), open: 0, left: [], said: [...said], ...part }
  }

  return {
    /** An invocation that meets the fault, with a read and a write at once. */
    async first({ onset, pause }, control) {
      const { signal } = new AbortController()
      const invocation = cache.invocation({ signal })
      let warm: Answer | undefined
      if (onset === 'warm') {
        warm = await ask(invocation, { timeout: 5_000 })
        await control('break')
        await sleep(pause)
      }
      const [answer, writes] = await Promise.all([ask(invocation), write(invocation, 'first')])
      await invocation.close()
      const { open } = await control('look')
      return told({ answers: [answer], writes, open, left: await left(signal), ...(warm === undefined ? {} : { warm }) })
    },
    /** What comes right after: other invocations, one by one and a thousand at once. */
    async second() {
      const invocation = cache.invocation()
      const answers = [await ask(invocation)]
      await invocation.close()
      for (let index = 0; index < REMEMBERED; index += 1) answers.push(await ask(cache))
      const writes = await write(cache, 'second')
      const startedAt = performance.now()
      const burst = await Promise.all(Array.from({ length: BURST }, () => cache.lookup(`${SECRETS.key}:burst`)))
      const ms = performance.now() - startedAt
      answers.push(...burst.map((found) => ({ status: found.status, ms, ...(found.status === 'degraded' ? { reason: found.reason } : {}) })))
      return told({ answers, writes, ms })
    },
    /** Without a memory every invocation tries, once. */
    async stateless() {
      const answers: Answer[] = []
      for (let index = 0; index < STATELESS; index += 1) {
        const invocation = forgetful.invocation()
        answers.push(await ask(invocation))
        await invocation.close()
      }
      return told({ answers })
    },
    /** The first invocation after the cure and the cooldown. */
    async recover() {
      const invocation = cache.invocation()
      const [answer, writes] = await Promise.all([ask(invocation), write(invocation, 'recover')])
      await invocation.close()
      return told({ answers: [answer], writes })
    },
    /** An invocation that leaves copies behind. */
    async keep() {
      return told({ answers: [await ask(copying, { timeout: 5_000 })] })
    },
    /** What copies answer in the outage: the one that was kept, again, and in place of a write that nobody confirmed. */
    async copied() {
      const first = await ask(copying)
      const second = await ask(copying)
      const writes = await write(copying, 'copied')
      return told({ answers: [first, second, await ask(copying, {}, `${SECRETS.key}:copied`)], writes })
    },
    /** keyv #2068: fifty writes at once before there is a connection. */
    async fifty() {
      const writes = await Promise.all(Array.from({ length: WRITES }, (_, index) => write(cache, String(index))))
      return told({ writes: Object.assign({}, ...writes) as Record<string, boolean> })
    },
    /** The runtime is busy with something else while replies wait. Cold and warm. */
    async blocked() {
      const invocation = cache.invocation()
      const answers: Answer[] = []
      for (let round = 0; round < BLOCKED_ROUNDS; round += 1) {
        const waiting = ask(invocation)
        // The first time in the middle of connecting, later with the command on its way.
        await sleep(0)
        const endAt = Date.now() + BLOCKED
        while (Date.now() < endAt);
        answers.push(await waiting)
      }
      await invocation.close()
      return told({ answers })
    },
    /** One read outside any invocation, after which nobody closes anything. */
    async last() {
      return told({ answers: [await ask(cache)] })
    },
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
