import { expect, test } from 'vitest'
import { reproduce } from './support/reproduction.ts'

/** The script of keyv #1336, word for word; nothing listens on its port. Only the import differs. */
const script = (library: string): string => `
import { createKeyv } from "${library}"
import { Cacheable } from "cacheable"
import { test } from "node:test"

test("should not be blocked by get() when redis is unavailable even on the first connection", async (t) => {
    const cacheable = new Cacheable({
        secondary: createKeyv({
            // This redis instance does not exist
            url: "redis://localhost:17888",
            disableOfflineQueue: true
        }),
        nonBlocking: true
    })

    console.log("trying to get foo...")
    await cacheable.get("foo")
    console.log("disconnecting...")
    await cacheable.disconnect()
    console.log("disconnected")
})
`

test('keyv #1336 with @keyv/redis 5: the first get never ends, and Redis is dialled again and again', { timeout: 30_000 }, async () => {
  const { lines, dials, code } = await reproduce(script('@keyv/redis'), { patience: 6_000 })
  expect(lines).toEqual(['trying to get foo...'])
  expect(dials).toBeGreaterThan(3)
  expect(code).toBeUndefined()
})

test('keyv #1336: the get answers, the cache disconnects, the test passes and the process leaves, after one dial', { timeout: 30_000 }, async () => {
  const { lines, stderr, dials, code } = await reproduce(script('fastmiss/keyv'), { patience: 20_000 })
  expect(lines.slice(0, 3)).toEqual(['trying to get foo...', 'disconnecting...', 'disconnected'])
  expect({ stderr, dials, code }).toEqual({ stderr: '', dials: 1, code: 0 })
})
