import { expect, test } from 'vitest'
import { createCoalesce } from '../../src/policy/coalesce.ts'

test('nobody waits for one who began after now: the clock was set back', () => {
  let now = 1_000_000
  const loads = createCoalesce<string>(() => now)
  loads.lead('k')
  expect(loads.isUnderWay('k', 100)).toBe(true)
  now -= 3_600_000
  expect(loads.isUnderWay('k', 100)).toBe(false)
  expect(loads.join('k', 100)).toBeUndefined()
})
