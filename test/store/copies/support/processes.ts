import * as fc from 'fast-check'
import { CacheError } from '../../../../src/errors.ts'
import { buildCache } from '../../../../src/facade/create-cache.ts'
import type { Cache } from '../../../../src/facade/types.ts'
import { memory } from '../../../../src/transport/memory/memory.ts'
import type { Transport } from '../../../../src/transport/transport.ts'

const ACTIONS = [
  'set',
  'set',
  'setTagged',
  'delete',
  'invalidate',
  'clear',
  'lookup',
  'lookup',
  'lookup',
  'wrap',
  'wrap',
  'slowWrap',
  'finish',
] as const
const AROUND = ['down', 'lost', 'well', 'well', 'hold', 'release', 'wait', 'wait'] as const
type Action = (typeof ACTIONS)[number] | (typeof AROUND)[number]

/** One step of a history: which process, what it does, to which key. */
export type ProcessStep = readonly [who: 0 | 1, action: Action, key: string]
export const processSteps = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(...ACTIONS, ...AROUND), fc.constantFrom('a', 'b')), {
  minLength: 10,
  maxLength: 70,
})

export const MEMORY_TTL = 1_000

/** A value that was made, and when. All instants are numbers of steps, but for `At`: epoch ms by the store's clock. */
interface Made {
  readonly key: string
  readonly isTagged: boolean
  /** When it was set, or its loader called. */
  readonly born: number
  /** When its write was over, and at what time. */
  written?: number
  writtenAt?: number
  isConfirmed?: boolean
}

interface Changed {
  readonly who: number
  readonly concerns: (made: Made) => boolean
  readonly began: number
  ended?: number
  endedAt?: number
  isConfirmed?: boolean
}

/** Two processes with copies before one store. @returns what was wrong, and how often a copy answered */
export async function runProcesses(
  history: readonly ProcessStep[],
  skew: number,
): Promise<{ readonly wrong: readonly string[]; readonly copied: number }> {
  let at = 1_800_000_000_000
  let step = 0
  const store = memory({ now: () => at })
  const made: Made[] = []
  const changes: Changed[] = []
  const wrong: string[] = []
  let copied = 0
  const pending = new Set<Promise<unknown>>()
  const processes = [0, skew].map((ahead) => startProcess(ahead))

  function startProcess(ahead: number) {
    let fault: 'down' | 'lost' | undefined
    let held: (() => void)[] | undefined
    const own = {
      /** Values as Redis has given them, and keys for which it has answered: the last step that was asked in. */
      seen: new Map<number, number>(),
      answered: new Map<string, number>(),
      finish: [] as (() => void)[],
      set: (next: typeof fault) => (fault = next),
      hold: () => (held ??= []),
      release: () => {
        for (const one of held?.splice(0) ?? []) one()
        held = undefined
      },
      cache: undefined as unknown as Cache,
    }
    const transport: Transport = {
      ...store,
      isConnectionless: true,
      open() {
        const connection = store.open()
        return {
          isUsable: true,
          close: () => {},
          async send(commands, deadlineAt) {
            const current = fault
            if (current === 'down') return commands.map(() => new CacheError('unreachable', 'down', { isFatal: true, isOutage: true }))
            const replies = await connection.send(commands, deadlineAt)
            if (held !== undefined) await new Promise<void>((resolve) => held?.push(resolve))
            if (current !== 'lost') return replies
            return commands.map(() => new CacheError('timeout', 'lost', { isFatal: true, isOutage: true, phase: 'command' }))
          },
        }
      },
    }
    own.cache = buildCache(
      { transport, timeout: 60_000, cooldown: 50, maxCooldown: 50, memory: { ttl: MEMORY_TTL, outage: 60_000 } },
      {
        transport: () => transport,
        sharesRoot: 'while-busy',
        sharesLoads: true,
        afterwards: (callback) => void setImmediate(callback),
        now: () => at + ahead,
      },
    )
    return own
  }

  function track(work: Promise<unknown>): void {
    const tracked = work.finally(() => pending.delete(tracked))
    pending.add(tracked)
  }
  function make(key: string, isTagged: boolean): number {
    return made.push({ key, isTagged, born: step }) - 1
  }
  function written(value: number, isConfirmed: boolean): void {
    Object.assign(made[value] ?? {}, { written: step, writtenAt: at, isConfirmed })
  }
  async function change(who: number, concerns: Changed['concerns'], work: Promise<boolean>, value?: number): Promise<void> {
    const one: Changed = { who, concerns, began: step }
    changes.push(one)
    one.isConfirmed = await work
    one.ended = step
    one.endedAt = at
    if (value !== undefined) written(value, one.isConfirmed)
  }

  /** @param began the step in which it was asked for */
  function judge(who: number, key: string, value: number, from: 'redis' | 'memory', reason: unknown, began: number, beganAt: number): void {
    const one = made[value]
    const process = processes[who]
    if (one === undefined || process === undefined) return
    if (one.key !== key) wrong.push(`a value of ${one.key} is served for ${key}`)
    if (from === 'redis') {
      process.seen.set(value, Math.max(began, process.seen.get(value) ?? 0))
      return
    }
    copied += 1
    const seen = process.seen.get(value) ?? -1
    for (const other of changes) {
      if (!other.concerns(one) || other.ended === undefined || other.ended >= began || one.born >= other.began || seen >= other.ended) continue
      if (other.who === who) wrong.push(`step ${began}: ${value} is served from memory, this process changed ${key} in step ${other.began}`)
      else if (
        other.isConfirmed === true &&
        reason === undefined &&
        beganAt - (other.endedAt ?? 0) >= MEMORY_TTL &&
        (one.writtenAt ?? 0) <= (other.endedAt ?? 0)
      ) {
        wrong.push(`step ${began}: ${value} is served from memory ${beganAt - (other.endedAt ?? 0)} ms after the other process changed ${key}`)
      }
    }
    const isUnconfirmed = one.isConfirmed === false && seen === -1
    if (isUnconfirmed && (one.written ?? Infinity) < (process.answered.get(key) ?? -1))
      wrong.push(`step ${began}: ${value} was never confirmed, and Redis has answered for ${key}`)
  }

  async function look(who: number, key: string): Promise<void> {
    const began = step
    const beganAt = at
    const found = await processes[who]?.cache.lookup<number>(key)
    if (found === undefined || found.status === 'degraded') return
    const isAnswer = found.status === 'miss' || found.from === 'redis'
    if (isAnswer) processes[who]?.answered.set(key, Math.max(began, processes[who]?.answered.get(key) ?? 0))
    if (found.status !== 'miss') judge(who, key, found.value, found.from, found.reason, began, beganAt)
  }

  async function wrap(who: number, key: string, isSlow: boolean): Promise<void> {
    const process = processes[who]
    const began = step
    const beganAt = at
    let value: number | undefined
    const load = async (): Promise<number> => {
      value = make(key, true)
      if (isSlow) await new Promise<void>((resolve) => process?.finish.push(resolve))
      return value
    }
    const answer = await process?.cache.wrapped(key, load, { ttl: 600_000, staleIfError: 600_000, tags: ['t'] })
    if (value !== undefined) written(value, answer?.stored === true)
    if (answer?.from !== undefined) judge(who, key, answer.value, answer.from, answer.reason, began, beganAt)
  }

  function begin(who: 0 | 1, action: Action, key: string): Promise<unknown> | undefined {
    const process = processes[who]
    if (process === undefined) return undefined
    const { cache } = process
    if (action === 'set' || action === 'setTagged') {
      const value = make(key, action === 'setTagged')
      return change(who, (one) => one.key === key, cache.set(key, value, action === 'setTagged' ? { tags: ['t'] } : {}), value)
    }
    if (action === 'delete') return change(who, (one) => one.key === key, cache.delete(key))
    if (action === 'invalidate') return change(who, (one) => one.isTagged, cache.invalidateTags(['t']))
    if (action === 'clear') return change(who, () => true, cache.clear())
    if (action === 'lookup') return look(who, key)
    if (action === 'wrap' || action === 'slowWrap') return wrap(who, key, action === 'slowWrap')
    if (action === 'finish') process.finish.shift()?.()
    else if (action === 'hold') process.hold()
    else if (action === 'release') process.release()
    else if (action === 'wait') at += 400
    else process.set(action === 'well' ? undefined : action)
    return undefined
  }

  for (const [who, action, key] of history) {
    step += 1
    at += 1
    const work = begin(who, action, key)
    if (work !== undefined) track(work)
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
  }
  for (let turn = 0; pending.size > 0 && turn < 1_000; turn += 1) {
    for (const process of processes) {
      process.release()
      process.finish.shift()?.()
    }
    await new Promise(setImmediate)
  }
  for (const { cache } of processes) await cache.close()
  return { wrong, copied }
}
