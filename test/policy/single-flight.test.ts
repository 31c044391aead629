import { expect, test } from 'vitest'
import { createSingleFlight } from '../../src/policy/single-flight.ts'

test('nobody waits for one who began after now: the clock was set back', () => {
  let now = 1_000_000
  const loads = createSingleFlight<string>(() => now)
  loads.start('k')
  expect(loads.isUnderWay('k', 100)).toBe(true)
  now -= 3_600_000
  expect(loads.isUnderWay('k', 100)).toBe(false)
  expect(loads.join('k', 100)).toBeUndefined()
})
