import { expect, test } from 'vitest'
import { createPatience } from '../../src/cli/doctor/patience.ts'
import { skewOf } from '../../src/cli/doctor/steps/clock.ts'
import { percentile } from '../../src/cli/doctor/steps/round-trips.ts'
import { suggest } from '../../src/cli/doctor/steps/timeouts.ts'
import { readTarget } from '../../src/cli/doctor/target.ts'

test('percentiles are values that were measured', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect([percentile(hundred, 0.5), percentile(hundred, 0.99), percentile([7], 0.99)]).toEqual([50, 99, 7])
})

test('only what lies outside of the round trip is skew', () => {
  expect([skewOf(1_500, 1_000, 2_000), skewOf(2_500, 1_000, 2_000), skewOf(400, 1_000, 2_000)]).toEqual([0, 500, -600])
})

test('distance stretches the visit, slowness only so far', () => {
  const clock = { at: 0 }
  const patience = createPatience(1_000, () => clock.at)
  clock.at = 600
  patience.answeredIn(300, 1_700)
  expect(patience.deadlineAt).toBe(1_700)
  patience.answeredIn(200)
  expect(patience.deadlineAt).toBe(3_000)
  patience.answeredIn(1)
  expect(patience.left).toBe(2_400)
})

test('suggestions leave room, are round, and never so short that a busy event loop passes for an outage', () => {
  expect(suggest(1, 0.2, true)).toEqual({ timeout: 100, connectTimeout: 50 })
  expect(suggest(60, 21, true)).toEqual({ timeout: 350, connectTimeout: 250 })
  expect(suggest(60, 21, false)).toEqual({ timeout: 350 })
  expect(suggest(400, 150, true)).toEqual({ timeout: 2_500, connectTimeout: 1_750 })
})

test('the token of the environment goes to the host of the environment only', () => {
  const env = { UPSTASH_REDIS_REST_URL: 'https://mine.example', UPSTASH_REDIS_REST_TOKEN: 'secret' }
  expect(readTarget({ url: 'https://mine.example/' }, env).token).toBe('secret')
  expect(() => readTarget({ url: 'https://theirs.example' }, env)).toThrow('token: required')
  expect(() => readTarget({ url: 'http://mine.example' }, env)).toThrow('token: required')
})

test('what is shown of a URL is its scheme, host, port and database', () => {
  expect(readTarget({ url: 'rediss://user:password@[::1]:7000/2' }, {}).shown).toBe('rediss://[::1]:7000/2')
  expect(readTarget({ url: 'unix:///run/redis.sock?db=1' }, {}).shown).toBe('unix:///run/redis.sock')
  expect(readTarget({ url: 'https://db.example/path', token: 't' }, {}).shown).toBe('https://db.example')
})
