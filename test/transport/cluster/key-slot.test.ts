import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalRedis, startRedis } from '../../../src/testing/index.ts'
import { askRedis } from '../../../src/testing/redis/ask-redis.ts'
import { keySlot } from '../../../src/transport/cluster/key-slot.ts'

let redis: LocalRedis

beforeAll(async () => {
  // A node that knows no other and holds no slot tells as well.
  redis = await startRedis({ args: ['--cluster-enabled', 'yes'] })
})
afterAll(() => redis.stop())

/** Asks Redis itself. */
async function slotsByRedis(keys: readonly string[]): Promise<readonly number[]> {
  const replies = await askRedis(redis.url, undefined, ...keys.map((key) => ['CLUSTER', 'KEYSLOT', key]))
  return replies.map(Number)
}

test('the slot of a key is what CLUSTER KEYSLOT says, with braces in any order', async () => {
  const braces = fc.string({ unit: fc.constantFrom('{', '}', 'a', 'b', '{}', ':', 'é', '😀'), maxLength: 12 })
  const any = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((key) => key.isWellFormed())
  const keys = [...fc.sample(braces, 4_000), ...fc.sample(any, 4_000), 'a{}b{c}', '{user}:1', '{}{a}', '{{a}}', 'a{b', '}a{b}', '']
  expect(keys.map(keySlot)).toEqual(await slotsByRedis(keys))
})
