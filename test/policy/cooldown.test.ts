import { expect, test, vi } from 'vitest'
import { createCooldown } from '../../src/policy/cooldown.ts'

function clocked(first = 1_000, max = 4_000, patience = 250) {
  const clock = { at: 1_000_000 }
  return { clock, cooldown: createCooldown(first, max, patience, () => clock.at) }
}

test('after a failure nobody may try until the cooldown has passed, then exactly one', () => {
  const { clock, cooldown } = clocked()
  expect(cooldown.trip(ticket(cooldown))).toBe(1_000)
  expect(cooldown.admit(false)).toBeUndefined()
  clock.at += 999
  expect(cooldown.admit(false)).toBeUndefined()
  clock.at += 1
  expect(cooldown.admit(false)).toBeDefined()
  expect(cooldown.admit(false)).toBeUndefined()
})

test("looking whether it is on takes nobody's turn", () => {
  const { clock, cooldown } = clocked()
  expect(cooldown.isOn()).toBe(false)
  cooldown.trip(ticket(cooldown))
  expect(cooldown.isOn()).toBe(true)
  clock.at += 1_000
  expect(cooldown.isOn()).toBe(false)
  expect(cooldown.admit(false)).toBeDefined()
  expect(cooldown.isOn()).toBe(true)
})

test('it doubles while probes fail, up to the maximum, and starts over after a recovery', () => {
  const { clock, cooldown } = clocked()
  const spans: (number | undefined)[] = []
  for (let failure = 0; failure < 4; failure += 1) {
    spans.push(cooldown.trip(ticket(cooldown)))
    clock.at += 4_000
  }
  expect(spans).toEqual([1_000, 2_000, 4_000, 4_000])
  expect(cooldown.recover(ticket(cooldown))).toBe(true)
  expect(cooldown.trip(ticket(cooldown))).toBe(1_000)
})

test('a clock that is set back does not stretch it', () => {
  const { clock, cooldown } = clocked(1_000, 10_000)
  cooldown.trip(ticket(cooldown))
  clock.at -= 1
  expect(cooldown.isOn()).toBe(false)
  cooldown.trip(ticket(cooldown))
  clock.at -= 3_600_000
  expect(cooldown.isOn()).toBe(false)
})

test('a clock that stands still does not stretch it', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    const { cooldown } = clocked()
    cooldown.trip(ticket(cooldown))
    vi.advanceTimersByTime(999)
    expect(cooldown.isOn()).toBe(true)
    vi.advanceTimersByTime(1)
    expect(cooldown.isOn()).toBe(false)
  } finally {
    vi.useRealTimers()
  }
})

test('a connection to the wrong server may be replaced once in the time of the first cooldown', () => {
  const { clock, cooldown } = clocked()
  expect([cooldown.mayReplace(), cooldown.mayReplace()]).toEqual([true, false])
  clock.at += 999
  expect(cooldown.mayReplace()).toBe(false)
  clock.at += 1
  expect([cooldown.mayReplace(), cooldown.mayReplace()]).toEqual([true, false])
  clock.at -= 3_600_000
  expect(cooldown.mayReplace()).toBe(true)
})

test('failures of attempts that began together count once', () => {
  const { cooldown } = clocked()
  const first = ticket(cooldown)
  const second = ticket(cooldown)
  expect(cooldown.trip(first)).toBe(1_000)
  expect(cooldown.trip(second)).toBeUndefined()
})

test('an answer to an attempt from before the outage does not end it', () => {
  const { cooldown } = clocked()
  const before = ticket(cooldown)
  cooldown.trip(ticket(cooldown))
  expect(cooldown.recover(before)).toBe(false)
  expect(cooldown.admit(false)).toBeUndefined()
})

test('a probe that never reports leaves room for the next one', () => {
  const { clock, cooldown } = clocked()
  cooldown.trip(ticket(cooldown))
  clock.at += 1_000
  ticket(cooldown)
  clock.at += 1_000
  expect(cooldown.admit(false)).toBeDefined()
})

test('a clock that is set back does not stretch the cooldown', () => {
  const { clock, cooldown } = clocked()
  cooldown.trip(ticket(cooldown))
  clock.at -= 3_600_000
  expect(cooldown.admit(false)).toBeDefined()
})

test('with a cooldown of 0 nothing is remembered', () => {
  const { cooldown } = clocked(0, 0)
  expect(cooldown.trip(ticket(cooldown))).toBeUndefined()
  expect(cooldown.admit(false)).toBeDefined()
})

test('short waits without any answer add up to an outage; an answer in between clears them', () => {
  const { clock, cooldown } = clocked()
  const wait = (): number | undefined => {
    clock.at += 100
    return cooldown.suspect(ticket(cooldown), 100)
  }
  expect(wait()).toBeUndefined()
  cooldown.recover(ticket(cooldown))
  expect(wait()).toBeUndefined()
  expect(wait()).toBeUndefined()
  expect(wait()).toBe(1_000)
})

test('of short waits at the same time each part counts once, and where the clock is set back all of them', () => {
  const { clock, cooldown } = clocked()
  for (let call = 0; call < 100; call += 1) expect(cooldown.suspect(ticket(cooldown), 100)).toBeUndefined()
  clock.at += 50
  expect(cooldown.suspect(ticket(cooldown), 100)).toBeUndefined()
  clock.at -= 3_600_000
  expect(cooldown.suspect(ticket(cooldown), 100)).toBe(1_000)
})

test('a forced attempt is let through during the cooldown', () => {
  const { cooldown } = clocked()
  cooldown.trip(ticket(cooldown))
  expect(cooldown.admit(true)).toBeDefined()
})

function ticket(cooldown: ReturnType<typeof createCooldown>): number {
  const admitted = cooldown.admit(false)
  if (admitted === undefined) throw new Error('expected to be let through')
  return admitted
}
