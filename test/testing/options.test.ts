import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { faultProxy, startCluster, startRedis, startSentinel, startUpstash, testCache } from '../../src/testing/index.ts'

/** As a caller without types may give them. */
const given = (options: unknown): never => options as never

test.each([
  [{ port: -1 }, 'port: expected a whole number from 0 to 65535, got -1'],
  [{ port: '6379' }, 'port: expected a whole number from 0 to 65535, got a value of type string'],
  [{ maxclients: 0 }, 'maxclients: expected a whole number from 1'],
  [{ password: 5 }, 'password: expected a string'],
  [{ password: 'a\0b' }, 'password: expected a string without a NUL'],
  [{ binary: 'embeded' }, "binary: expected 'redis-server' or 'embedded'"],
  [{ args: '--save' }, 'args: expected an array of strings'],
  [null, 'options: expected an object, got null'],
])('startRedis refuses %j, whichever server it would start', async (options, sentence) => {
  await expect(startRedis(given(options))).rejects.toThrow(sentence)
  if (options !== null && !('binary' in options)) await expect(startRedis(given({ binary: 'embedded', ...options }))).rejects.toThrow(sentence)
})

test('an empty password is none', async () => {
  await using redis = await startRedis({ binary: 'embedded', password: '' })
  expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`)
})

test.each([
  [startCluster, { primaries: 0 }, 'primaries: expected a whole number from 1'],
  [startCluster, { primaries: 1.5 }, 'primaries: expected a whole number from 1'],
  [startCluster, { replicas: -1 }, 'replicas: expected a whole number from 0'],
  [startCluster, { nodeTimeout: 'x' }, 'nodeTimeout: expected a whole number from 1'],
  [startCluster, { args: [5] }, 'args: expected'],
  [startSentinel, { sentinels: 0 }, 'sentinels: expected a whole number from 1'],
  [startSentinel, { replicas: -1 }, 'replicas: expected a whole number from 0'],
  [startSentinel, { name: 'a b' }, 'name: expected letters'],
  [startSentinel, { name: '' }, 'name: expected letters'],
  [startSentinel, { downAfter: 0 }, 'downAfter: expected a whole number from 1'],
  [startSentinel, { sentinelPassword: 5 }, 'sentinelPassword: expected a string'],
  [startUpstash, { port: 'x' }, 'port: expected a whole number from 0'],
  [startUpstash, { token: '' }, 'token: expected a string'],
  [startUpstash, { readOnlyToken: 'a b' }, 'readOnlyToken: expected a string'],
  [startUpstash, { redis: '127.0.0.1:6379' }, 'redis: expected a redis: or rediss: URL'],
  [startUpstash, { redis: 'memory:' }, 'redis: expected a redis: or rediss: URL'],
  [faultProxy, { target: 'redis://localhost', port: 65_536 }, 'port: expected a whole number from 0'],
  [faultProxy, { target: 'redis://localhost', onEvent: 5 }, 'onEvent: expected a function'],
] as readonly (readonly [(options: never) => Promise<unknown>, object, string])[])(
  '%o refuses %j before it starts anything',
  async (start, options, sentence) => {
    const before = await readdir('.')
    await expect(start(given(options))).rejects.toThrow(sentence)
    expect(await readdir('.')).toEqual(before)
  },
)

test.each([
  ['huge', { bytes: -1 }, 'bytes: expected a whole number from 0'],
  ['huge', { bytes: 1e12 }, 'bytes: expected a whole number from 0'],
  ['drip', { bytes: 0 }, 'bytes: expected a whole number from 1'],
  ['slow', { delay: Number.NaN }, 'delay: expected milliseconds'],
  ['slow', { delay: 3e9 }, 'delay: expected milliseconds'],
  ['slow', { dealy: 5 }, 'dealy: unknown option. Known: delay'],
  ['slow', null, 'options: expected an object, got null'],
  ['halfReply', { then: 'clsoe' }, "then: expected 'stall' or 'close' or 'reset'"],
] as const)('a proxy refuses the dose of %s %j, and goes on as it was', async (fault, dose, sentence) => {
  await using proxy = await faultProxy({ target: 'redis://127.0.0.1:1' })
  await proxy.set('silent')
  await expect(proxy.set(fault, given(dose))).rejects.toThrow(sentence)
  expect(proxy.fault).toBe('silent')
  expect(() => proxy.cut(given('clsoe'))).toThrow("cut: expected 'close' or 'reset'")
})

test('the gateway refuses a dose that no answer could have', async () => {
  await using upstash = await startUpstash({ redis: 'redis://127.0.0.1:1' })
  for (const dose of [{ bytes: -1 }, { delay: 'x' }, { redirectTo: 'a\nb' }, { dealy: 1 }, null]) {
    expect(() => upstash.set('redirect', given(dose))).toThrow(/^(bytes|delay|dealy|options): |redirectTo/)
  }
})

test('a test cache refuses what it would not do', () => {
  expect(() => testCache(given({ now: 5 }))).toThrow('now: expected a function')
  expect(() => testCache(given({ onEvent: 5 }))).toThrow('onEvent: expected a function')
  expect(() => testCache().fail('timeout', given({ time: 1 }))).toThrow('time: unknown option. Known: only, times')
  expect(() => testCache().fail('timeout', given(null))).toThrow('options: expected an object, got null')
})
