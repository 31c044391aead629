import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalCluster, startCluster } from '../../../src/testing/index.ts'
import { keySlot } from '../../../src/transport/cluster/key-slot.ts'

let cluster: LocalCluster

beforeAll(async () => {
  cluster = await startCluster({ primaries: 1, replicas: 0 })
})
afterAll(() => cluster.stop())

/** Asks Redis itself. */
async function slotsByRedis(keys: readonly string[]): Promise<readonly number[]> {
  const replies = (await cluster.nodes[0]?.ask(...keys.map((key) => ['CLUSTER', 'KEYSLOT', key]))) ?? []
  return replies.map(Number)
}

test('the slot of a key is what CLUSTER KEYSLOT says, with braces in any order', async () => {
  const braces = fc.string({ unit: fc.constantFrom('{', '}', 'a', 'b', '{}', ':', 'é', '😀'), maxLength: 12 })
  const any = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((key) => key.isWellFormed())
  const keys = [...fc.sample(braces, 4_000), ...fc.sample(any, 4_000), 'a{}b{c}', '{user}:1', '{}{a}', '{{a}}', 'a{b', '}a{b}', '']
  expect(keys.map(keySlot)).toEqual(await slotsByRedis(keys))
})
