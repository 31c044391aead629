import type { Cache, Invocation, LoaderContext, WrapOptions } from 'fastmiss'
import type { TestCache } from 'fastmiss/testing'
import { expect } from 'vitest'
import { createReference, type Range, type StoredState } from './reference.ts'
import { KEYS, type LoaderKind, type Step, TAGS, type WrapStep } from './steps.ts'

/** ms; longer than the cooldown that the caches of these runs remember a failure for. */
export const MENDED_AFTER = 500

/**
 * Takes steps on a cache, and holds what it answers against the reference.
 *
 * @param hasCopies what is written in an outage may answer in this process
 */
export function createModelRun(cache: TestCache, hasCopies = false) {
  const reference = createReference()
  const seen = { hit: 0, stale: 0, degraded: 0, copied: 0 }
  const failure = new Error('of the loader')
  let made = 0
  /** A fault is on, or what it left behind may be remembered. Only then may an answer be degraded, or a write unconfirmed. */
  let isSick = false

  /** No value is made twice, and each tells whose it is. */
  const newValue = (key: string): unknown => ({ of: key, made: (made += 1) })
  const now = (): number => cache.clock.now()

  function stateOf(value: unknown, began: Range, ttl: number, kept: number, tags: ReadonlyMap<string, number>): StoredState {
    return { value, freshUntil: [began[0] + ttl, began[1] + ttl], keptUntil: [began[0] + ttl + kept, began[1] + ttl + kept], tags }
  }

  async function take(step: Step): Promise<void> {
    switch (step.op) {
      case 'advance':
        return cache.clock.advance(step.ms)
      case 'fail':
        isSick = true
        return cache.fail(step.fault, {
          ...(step.only === undefined ? {} : { only: step.only }),
          ...(step.times === undefined ? {} : { times: step.times }),
        })
      case 'mend':
        cache.fail()
        cache.clock.advance(MENDED_AFTER)
        isSick = false
        return
      case 'set':
        return set(step.key, step.ttl, step.tags)
      case 'delete':
        return confirmed(await cache.delete(step.key), () => reference.put(step.key, undefined))
      case 'clear': {
        const isDone = await cache.clear({ timeout: 1_000 })
        // What is not confirmed may have been done in part.
        if (!isDone) for (const key of KEYS) reference.mayPut(key, undefined)
        return confirmed(isDone, reference.forgetAll)
      }
      case 'invalidate':
        return confirmed(await cache.invalidateTags(step.tags), () => step.tags.forEach(reference.invalidate))
      case 'get':
        return void (await timed(
          () => cache.get(step.key),
          (value, range) => expectValue(step.key, value, range),
        ))
      case 'lookup':
        return lookup(step.key)
      case 'has':
        return void (await timed(
          () => cache.has(step.key),
          (isThere, range) => expectPresence(step.key, isThere, range),
        ))
      case 'getMany':
        return void (await timed(
          () => cache.getMany(KEYS),
          (values, range) => values.forEach((value, index) => expectValue(KEYS[index] ?? '', value, range)),
        ))
      case 'wrapMany':
        return wrapMany(step.ttl, step.tags)
      case 'wrap':
        return wrap(step)
    }
  }

  function confirmed(isConfirmed: boolean, then: () => void): void {
    if (isConfirmed) then()
    else expect(isSick, 'an unconfirmed write on a healthy Redis').toBe(true)
  }

  async function timed<Answer>(ask: () => Promise<Answer>, check: (answer: Answer, range: Range) => void): Promise<Answer> {
    const from = now()
    const answer = await ask()
    check(answer, [from, now()])
    return answer
  }

  async function set(key: string, ttl: number, tags: readonly string[]): Promise<void> {
    const value = newValue(key)
    const under = reference.tagsNow(tags)
    const from = now()
    const isStored = await cache.set(key, value, { ttl, tags })
    const state = stateOf(value, [from, now()], ttl, 0, under)
    if (hasCopies && !isStored) reference.mayPut(key, state)
    confirmed(isStored, () => reference.put(key, state))
  }

  function expectValue(key: string, value: unknown, range: Range): void {
    const states = reference.statesOf(key)
    const standings = states.map((state) => reference.standingOf(state, range))
    if (value === undefined) {
      const mustBeThere = states.every((state, index) => standings[index]?.mustBeFresh === true && state?.value !== undefined)
      if (mustBeThere) expect(isSick, `${key}: a value that is there was not found`).toBe(true)
      return
    }
    expectFresh(key, value, range)
  }

  /** "There is nothing" may be stored too: null and undefined are one here. */
  function expectFresh(key: string, value: unknown, range: Range): void {
    seen.hit += 1
    const allowed = reference.statesOf(key).filter((state) => reference.standingOf(state, range).mayBeFresh)
    expect(
      allowed.map((state) => state?.value ?? null),
      `${key}: served`,
    ).toContainEqual(value ?? null)
  }

  function expectPresence(key: string, isThere: boolean, range: Range): void {
    // A remembered `undefined` is an entry, and no value.
    const standings = reference.statesOf(key).map((state) => ({ isValue: state?.value !== undefined, ...reference.standingOf(state, range) }))
    if (isThere)
      expect(
        standings.some(({ isValue, mayBeFresh }) => isValue && mayBeFresh),
        `${key}: has`,
      ).toBe(true)
    else if (standings.every(({ isValue, mustBeFresh }) => isValue && mustBeFresh)) expect(isSick, `${key}: has not what is there`).toBe(true)
  }

  async function lookup(key: string): Promise<void> {
    const from = now()
    const result = await cache.lookup(key)
    const range: Range = [from, now()]
    const standings = reference.statesOf(key).map((state) => ({ state, ...reference.standingOf(state, range) }))
    if (result.status === 'degraded') {
      seen.degraded += 1
      expect(isSick, `${key}: degraded (${result.reason}) on a healthy Redis`).toBe(true)
    } else if (result.status === 'miss') {
      expect(
        standings.some(({ mustBeKept }) => !mustBeKept),
        `${key}: a miss of what is there`,
      ).toBe(true)
    } else {
      seen[result.status] += 1
      countCopy(result)
      const allowed = standings.filter((one) => one.mayBeKept && (result.status === 'hit' ? one.mayBeFresh : !one.mustBeFresh))
      expect(
        allowed.map(({ state }) => state?.value ?? null),
        `${key}: ${result.status}`,
      ).toContainEqual(result.value ?? null)
    }
  }

  /** A copy stood in for a Redis that gave no answer: then it says why, and on a healthy one there is no reason. */
  function countCopy({ from, reason }: { readonly from?: 'redis' | 'memory'; readonly reason?: unknown }): void {
    if (reason === undefined) return
    expect([from, isSick]).toEqual(['memory', true])
    seen.copied += 1
  }

  async function wrapMany(ttl: number, tags: readonly string[]): Promise<void> {
    const loaded = new Map<string, unknown>()
    const under = reference.tagsNow(tags)
    const from = now()
    const values = await cache.wrapMany(
      [...KEYS],
      (keys) => {
        for (const key of keys) loaded.set(key, newValue(key))
        return loaded
      },
      { ttl, tags },
    )
    const range: Range = [from, now()]
    for (const [index, key] of KEYS.entries()) {
      const value = values[index]
      if (!loaded.has(key)) expectFresh(key, value, range)
      else {
        expect(value, `${key}: what was loaded is returned`).toEqual(loaded.get(key))
        store(key, stateOf(value, range, ttl, 0, under), isSick ? undefined : true)
      }
    }
  }

  /** @param isStored undefined: nobody knows */
  function store(key: string, state: StoredState | undefined, isStored: boolean | undefined): void {
    if (isStored === true) reference.put(key, state)
    else if (isStored === undefined) reference.mayPut(key, state)
  }

  async function wrap(step: WrapStep): Promise<void> {
    const { key, ttl, swr, staleIfError, negativeTtl, tags } = step
    const under = reference.tagsNow(tags)
    const loads: { value: unknown }[] = []
    let hasFailed = false
    const load = async (context: LoaderContext): Promise<unknown> => {
      if (step.loader === 'throws') {
        hasFailed = true
        throw failure
      }
      if (step.loader === 'doNotStore') context.doNotStore()
      if (step.loader === 'invalidates' && (await cache.invalidateTags([TAGS[0]]))) reference.invalidate(TAGS[0])
      const value = valueOf(step.loader, key)
      loads.push({ value })
      return value
    }
    const before = reference.statesOf(key)
    const background: Promise<unknown>[] = []
    const from = now()
    const options: WrapOptions = { ttl, swr, staleIfError, tags, ...(negativeTtl === undefined ? {} : { negativeTtl }) }
    const outcome = await within(cache, step, background, async (target) => target.wrapped(key, load, options)).catch((error: unknown) => ({ error }))
    const answered: Range = [from, now()]
    const standings = before.map((state) => ({ state, ...reference.standingOf(state, answered) }))
    await Promise.all(background)
    const range: Range = [from, now()]

    if ('error' in outcome) {
      expect(outcome.error).toBe(failure)
      const isSpare = (state: StoredState | undefined): boolean => state !== undefined && range[1] < state.freshUntil[0] + staleIfError
      const hadSpare = standings.every(({ state, mustBeKept }) => mustBeKept && isSpare(state))
      if (hadSpare) expect(isSick, `${key}: rejected although a value was there for this case`).toBe(true)
      return
    }
    if (outcome.status === 'degraded') expect(isSick, `${key}: degraded (${outcome.reason}) on a healthy Redis`).toBe(true)
    else if (standings.every(({ mustBeFresh }) => mustBeFresh) && !isSick) expect(outcome.status, `${key}: a fresh value is a hit`).toBe('hit')

    if (outcome.status === 'hit' || outcome.status === 'stale') {
      seen[outcome.status] += 1
      // The reason may be the loader's, too.
      if (outcome.from === 'memory' && outcome.reason !== undefined) seen.copied += 1
      const usable = standings.filter(({ state, mayBeFresh, mayBeKept }) => {
        if (state === undefined || !mayBeKept) return false
        if (outcome.status === 'hit') return mayBeFresh
        const until = state.freshUntil[1] + Math.max(swr, hasFailed ? staleIfError : 0)
        return from < until
      })
      expect(
        usable.map(({ state }) => state?.value ?? null),
        `${key}: ${outcome.status}`,
      ).toContainEqual(outcome.value ?? null)
    } else {
      expect(
        loads.map(({ value }) => value),
        `${key}: what was loaded is returned`,
      ).toContainEqual(outcome.value)
      if (outcome.status === 'degraded') seen.degraded += 1
    }

    const last = loads.at(-1)
    if (last === undefined) return
    const isNone = last.value === null || last.value === undefined
    const negative = isNone ? negativeTtl : undefined
    const isStorable = step.loader !== 'doNotStore' && (last.value !== undefined || negative !== undefined)
    if (!isStorable) {
      // What was stored before is deleted, as far as Redis is there.
      store(key, undefined, undefined)
      return
    }
    const kept = negative === undefined ? Math.max(swr, staleIfError) : 0
    const state = stateOf(last.value, range, negative ?? ttl, kept, under)
    const isStored = background.length > 0 || outcome.status === 'hit' || outcome.status === 'stale' || isSick ? undefined : outcome.stored
    if (outcome.status === 'miss' && outcome.stored) reference.put(key, state)
    else store(key, state, isStored === false ? undefined : isStored)
  }

  function valueOf(kind: LoaderKind, key: string): unknown {
    if (kind === 'null') return null
    return kind === 'undefined' ? undefined : newValue(key)
  }

  return { take, seen }
}

async function within<Outcome>(
  cache: Cache,
  { where }: WrapStep,
  background: Promise<unknown>[],
  work: (target: Cache | Invocation) => Promise<Outcome>,
): Promise<Outcome> {
  if (where === 'root') return work(cache)
  const invocation = cache.invocation(where === 'waitUntil' ? { waitUntil: (promise) => void background.push(promise) } : {})
  try {
    return await work(invocation)
  } finally {
    await invocation.close()
  }
}
