import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CopyTraits, createCopies } from '../../../src/store/copies/copies.ts'
import { preparedCopies, simulate, steps } from './support/simulation.ts'

const FOR_EVER = { freshUntil: undefined, until: undefined }

async function prepared(options: { readonly outage?: number; readonly bytes?: number; readonly entries?: number } = {}) {
  const clock = { at: 1_000_000 }
  const copies = createCopies({ ttl: 1_000, entries: 100, bytes: 10_000, outage: 10_000, share: false, ...options }, () => clock.at)
  const read = (key: string, text: string | undefined, traits = FOR_EVER): void => {
    const ticket = copies.ticket()
    copies.answered(key, ticket, text)
    if (text !== undefined) copies.keep(key, text, traits, ticket, clock.at)
  }
  const write = (key: string, text: string, isConfirmed = true, traits = FOR_EVER): void => {
    const change = copies.begin(key)
    copies.end(key, change, { text, isConfirmed, askedAt: clock.at, since: undefined, ...traits })
  }
  /** A load that Redis cannot be given. */
  const loaded = (key: string, text: string, traits: CopyTraits, since: number): void => {
    const isLate = copies.isChanged(key, since)
    const change = copies.begin(key, true)
    copies.end(key, change, isLate ? undefined : { text, isConfirmed: false, askedAt: clock.at, since, isUnsent: true, ...traits })
  }
  return { clock, copies, read, write, loaded }
}

describe('a copy answers', () => {
  test('without Redis for its ttl, and in an outage for as long as Redis confirmed it', async () => {
    const { clock, copies, read } = await prepared()
    read('k', 'v')
    clock.at += 999
    expect(copies.fresh('k')?.text).toBe('v')
    clock.at += 1
    expect(copies.fresh('k')).toBeUndefined()
    clock.at += 8_999
    expect(copies.spare('k')?.text).toBe('v')
    clock.at += 1
    expect(copies.spare('k')).toBeUndefined()
  })

  test('no longer than its entry does', async () => {
    const { clock, copies, read } = await prepared()
    read('k', 'v', { freshUntil: clock.at + 100, until: clock.at + 200 } as never)
    clock.at += 100
    expect(copies.fresh('k')).toBeUndefined()
    expect(copies.spare('k')?.text).toBe('v')
    clock.at += 100
    expect(copies.spare('k')).toBeUndefined()
  })

  test('by the time at which Redis was asked, not that of the reply', async () => {
    const { clock, copies } = await prepared()
    const ticket = copies.ticket()
    const askedAt = clock.at
    clock.at += 900
    copies.keep('k', 'v', FOR_EVER, ticket, askedAt)
    clock.at += 99
    expect(copies.fresh('k')).toBeDefined()
    clock.at += 1
    expect(copies.fresh('k')).toBeUndefined()
  })

  test('not from the future: a clock that is set back makes nothing younger', async () => {
    const { clock, copies, read } = await prepared()
    read('k', 'v')
    clock.at -= 3_600_000
    expect(copies.fresh('k')).toBeUndefined()
    expect(copies.spare('k')).toBeUndefined()
  })
})

describe('an unconfirmed copy', () => {
  test('answers only where Redis does not, and is gone once Redis has answered', async () => {
    const { copies, read, write } = await prepared()
    read('k', 'old')
    write('k', 'new', false)
    expect(copies.fresh('k')).toBeUndefined()
    expect(copies.spare('k')).toMatchObject({ text: 'new', isConfirmed: false })
    read('k', undefined)
    expect(copies.spare('k')).toBeUndefined()
  })

  test('is gone after an answer that was asked for before it, too', async () => {
    const { copies, write } = await prepared()
    const ticket = copies.ticket()
    write('k', 'new', false)
    copies.answered('k', ticket, 'old')
    copies.keep('k', 'old', FOR_EVER, ticket, 1_000_000)
    expect(copies.spare('k')).toBeUndefined()
  })

  test('of a load does not replace what Redis confirmed meanwhile', async () => {
    const { copies, read, loaded } = await prepared()
    const since = copies.ticket()
    read('k', 'confirmed')
    loaded('k', 'loaded', FOR_EVER, since)
    expect(copies.fresh('k')?.text).toBe('confirmed')
  })

  test('is never there with outage: 0, and the old one is gone all the same', async () => {
    const { copies, read, write, loaded } = await prepared({ outage: 0 })
    read('k', 'old')
    write('k', 'new', false)
    loaded('j', 'loaded', FOR_EVER, copies.ticket())
    expect([copies.fresh('k'), copies.spare('k'), copies.spare('j')]).toEqual([undefined, undefined, undefined])
  })
})

describe('an answer that was asked for before a change', () => {
  test.each(['k', 'tag', undefined])('of %s brings nothing back, whenever it comes', async (changed) => {
    const { clock, copies, loaded } = await prepared()
    const traits = { ...FOR_EVER, on: ['tag'] }
    const early = copies.ticket()
    const change = copies.begin(changed)
    const during = copies.ticket()
    copies.keep('k', 'old', traits, early, clock.at)
    copies.keep('k', 'old', traits, during, clock.at)
    expect(copies.spare('k')).toBeUndefined()
    copies.end(changed, change)
    copies.keep('k', 'old', traits, early, clock.at)
    copies.keep('k', 'old', traits, during, clock.at)
    loaded('k', 'old', traits, during)
    expect(copies.spare('k')).toBeUndefined()
    copies.keep('k', 'new', traits, copies.ticket(), clock.at)
    expect(copies.fresh('k')?.text).toBe('new')
  })

  test('counts as such when too many changes lie between to know', async () => {
    const { clock, copies } = await prepared()
    const early = copies.ticket()
    copies.end('k', copies.begin('k'))
    for (let index = 0; index < 5_000; index++) copies.end(`other-${index}`, copies.begin(`other-${index}`))
    copies.keep('k', 'old', FOR_EVER, early, clock.at)
    expect(copies.spare('k')).toBeUndefined()
    copies.keep('k', 'new', FOR_EVER, copies.ticket(), clock.at)
    expect(copies.spare('k')?.text).toBe('new')
  })

  test('a change whose request was killed holds a key up for a minute and no longer', async () => {
    const { clock, copies, read } = await prepared()
    copies.begin('k')
    read('k', 'v')
    expect(copies.spare('k')).toBeUndefined()
    clock.at += 60_000
    read('k', 'v')
    expect(copies.fresh('k')?.text).toBe('v')
  })
})

describe('changes at the same time', () => {
  test('leave no copy where nobody knows which came last', async () => {
    const { clock, copies } = await prepared()
    const written = (text: string) => ({ ...FOR_EVER, text, isConfirmed: true, askedAt: clock.at, since: undefined })
    const one = copies.begin('k')
    const two = copies.begin('k')
    copies.end('k', one, written('one'))
    copies.end('k', two, written('two'))
    expect(copies.fresh('k')).toBeUndefined()
    copies.end('k', copies.begin('k'), written('three'))
    expect(copies.fresh('k')?.text).toBe('three')
  })

  test('of which Redis took none leave the latest', async () => {
    const { clock, copies } = await prepared()
    const written = (text: string) => ({ ...FOR_EVER, text, isConfirmed: false, askedAt: clock.at, since: undefined })
    const one = copies.begin('k')
    const two = copies.begin('k')
    copies.end('k', two, written('two'))
    copies.end('k', one, written('one'))
    expect(copies.spare('k')?.text).toBe('two')
  })
})

describe('there is room', () => {
  test('for no text above a tenth of it, and the older one of its key is gone', async () => {
    const { copies, read } = await prepared({ bytes: 1_000 })
    read('k', 'x'.repeat(100))
    expect(copies.fresh('k')).toBeDefined()
    read('k', 'x'.repeat(101))
    expect(copies.spare('k')).toBeUndefined()
    read('k', 'é'.repeat(100))
    expect(copies.fresh('k')).toBeDefined()
    read('k', '€'.repeat(51))
    expect(copies.spare('k')).toBeUndefined()
  })

  test('for keys and texts together', async () => {
    const { copies, read } = await prepared({ bytes: 1_000 })
    for (let index = 0; index < 10; index++) read(`key-${index}`.padEnd(50, '.'), 'x'.repeat(100))
    const there = Array.from({ length: 10 }, (_, index) => copies.fresh(`key-${index}`.padEnd(50, '.')) !== undefined)
    expect(there).toEqual([false, false, false, false, true, true, true, true, true, true])
  })

  test('and what goes is forgotten with what it depends on', async () => {
    const { copies, read } = await prepared({ entries: 1 })
    read('a', 'v', { ...FOR_EVER, on: ['tag'] } as never)
    read('b', 'v', { ...FOR_EVER, on: ['tag'] } as never)
    expect(copies.spare('a')).toBeUndefined()
    read('a', 'v')
    copies.end('tag', copies.begin('tag'))
    expect(copies.fresh('a')?.text).toBe('v')
  })
})

test('a load whose write fails makes an end of what was there before it, though another load has begun to write', async () => {
  const { copies, write } = await prepared()
  write('k', 'before', false)
  const [first, second] = [copies.begin('k', true), copies.begin('k', true)]
  expect(copies.spare('k')?.text).toBe('before')
  // It may have been stored all the same.
  copies.end('k', first)
  expect(copies.spare('k')).toBeUndefined()
  copies.end('k', second, { text: 'loaded', isConfirmed: false, askedAt: 1_000_000, since: undefined, ...FOR_EVER })
  expect(copies.spare('k')?.text).toBe('loaded')
})

test('in any order of reads, writes, loads, deletes, invalidations and failures nothing is served that this process has changed', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const { copies, clock } = await preparedCopies()
      simulate(history, copies, clock, (sound, why) => expect(sound, why).toBe(true))
    }),
    { numRuns: 2_000 },
  )
})
