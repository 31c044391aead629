import { startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { ASK, reproduce } from './support/reproduction.ts'

/** keyv #1496: the configuration as reported, then its three steps: configure, use with Redis running, take Redis down. */
const script = (secondary: string): string => `
${secondary}
import { Cacheable } from "cacheable";
${ASK}
const cache = new Cacheable({
  secondary,
  nonBlocking: true,
});
cache.on("error", () => {})

await cache.set("user", "Ada")
// nonBlocking: the second layer is written to in the background.
for (let tries = 0; tries < 100 && (await cache.secondary.get("user")) === undefined; tries += 1);
console.log("second layer:", await cache.secondary.get("user"))
await ask("take Redis down")
console.log("first layer:", await cache.get("user"))
console.log("both layers:", await cache.get("unknown"))
console.log("loader:", await cache.getOrSet("other", async () => "loaded"))
for (let index = 0; index < 200; index += 1) await cache.get("unknown " + index)
console.log("done")
await cache.disconnect()
`

const THEIRS = (url: string): string => `
import KeyvRedis, { createClient } from "@keyv/redis";
const redisClient = createClient({
  url: "${url}",
  password: process.env.REDIS_PASSWORD,
  socket: {
    tls: false,
  },
});
redisClient.on("error", () => {});
const secondary = new KeyvRedis(redisClient)
`

const OURS = (url: string): string => `
import { createKeyv } from "fastmiss/keyv";
const secondary = createKeyv({
  url: "${url}",
  password: process.env.REDIS_PASSWORD,
  cooldown: 60_000,
  maxCooldown: 60_000,
})
`

test('keyv #1496 with @keyv/redis 5: a key that the first layer has not hangs, while refused connections repeat', { timeout: 30_000 }, async () => {
  await using redis = await startRedis()
  const onLine = (line: string) => (line === 'take Redis down' ? redis.stop() : undefined)
  const { lines, dials, code } = await reproduce(script(THEIRS(redis.url)), { patience: 6_000, onLine })
  expect(lines.slice(0, 3)).toEqual(['second layer: Ada', 'take Redis down', 'first layer: Ada'])
  // A command that is on its way when the connection breaks is rejected; the first one after that hangs.
  expect(lines).not.toContain('done')
  expect(dials).toBeGreaterThan(3)
  expect(code).toBeUndefined()
})

test('keyv #1496: the first layer goes on, loaders run, and nobody dials in a loop', { timeout: 30_000 }, async () => {
  await using redis = await startRedis()
  const onLine = (line: string) => (line === 'take Redis down' ? redis.stop() : undefined)
  const { lines, stderr, dials, code } = await reproduce(script(OURS(redis.url)), { patience: 20_000, onLine })
  expect(lines).toEqual(['second layer: Ada', 'take Redis down', 'first layer: Ada', 'both layers: undefined', 'loader: loaded', 'done'])
  // The connection that worked, and the one attempt that found Redis gone.
  expect({ stderr, dials, code }).toEqual({ stderr: '', dials: 2, code: 0 })
})
