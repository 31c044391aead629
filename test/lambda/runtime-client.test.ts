import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { isLambdaClientHere } from '../support/what-is-here.ts'
import { startLambda } from './support/lambda.ts'

/** ms. CI compiles the client beside the other tests. */
const COMPILED_WITHIN = 240_000

beforeAll(async () => {
  while (!isLambdaClientHere()) {
    if (existsSync('test/lambda/client/failed')) throw new Error("Lambda's runtime client could not be compiled: npm run lambda-client")
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}, COMPILED_WITHIN)

const FUNCTION = 'test/lambda/support/function.mjs'

async function behindProxy() {
  const redis = await startRedis()
  const proxy = await faultProxy({ target: redis.url })
  return {
    proxy,
    async [Symbol.asyncDispose]() {
      await proxy.stop()
      await redis.stop()
    },
  }
}

describe("under Lambda's own runtime client", { timeout: 30_000 }, () => {
  test('every invocation has one connection, and the next finds nothing left behind', async () => {
    await using given = await behindProxy()
    await using lambda = await startLambda(FUNCTION, { REDIS_URL: given.proxy.url })
    for (const value of [1, 2, 3]) {
      expect((await lambda.invoke({ value })).body).toMatchObject({ status: 'hit', value, left: [] })
      await given.proxy.until(({ open }) => open === 0)
    }
    expect(given.proxy.counters.connections).toBe(3)
  })

  test('a refused Redis is answered at once, remembered by the next invocation, and leaves nothing behind', async () => {
    await using given = await behindProxy()
    await given.proxy.set('refuse')
    await using lambda = await startLambda(FUNCTION, { REDIS_URL: given.proxy.url })
    const first = await lambda.invoke({})
    expect(first.body).toMatchObject({ status: 'degraded', reason: 'unreachable' })
    const second = await lambda.invoke({})
    expect(second.body).toMatchObject({ status: 'degraded', reason: 'cooldown', left: [] })
    expect(Math.max(first.ms, second.ms)).toBeLessThan(1_000)
  })

  test('a silent Redis is given up before the function times out, though its own timeout is longer', async () => {
    await using given = await behindProxy()
    await given.proxy.set('silent')
    await using lambda = await startLambda(FUNCTION, { REDIS_URL: given.proxy.url })
    const first = await lambda.invoke({}, 800)
    expect(first.body).toMatchObject({ status: 'degraded', reason: 'deadline' })
    expect(first.ms).toBeLessThan(800)
    await given.proxy.until(({ open }) => open === 0)
    const second = await lambda.invoke({}, 800)
    expect(second.body).toMatchObject({ status: 'degraded', left: [] })
    expect(second.ms).toBeLessThan(800)
    expect(given.proxy.counters.connections).toBe(2)
  })

  test('a handler that throws tells its own error, and leaves nothing behind', async () => {
    await using given = await behindProxy()
    await using lambda = await startLambda(FUNCTION, { REDIS_URL: given.proxy.url })
    expect(await lambda.invoke({ throws: true })).toMatchObject({ status: 'error', body: { errorMessage: 'of the handler' } })
    expect((await lambda.invoke({})).body).toMatchObject({ left: [] })
    await given.proxy.until(({ open }) => open === 0)
  })

  test('the connection of a healthy Redis that dies between invocations is not missed', async () => {
    await using given = await behindProxy()
    await using lambda = await startLambda(FUNCTION, { REDIS_URL: given.proxy.url })
    await lambda.invoke({ value: 1 })
    await given.proxy.set('refuse')
    await given.proxy.set('healthy')
    expect((await lambda.invoke({})).body).toMatchObject({ status: 'hit', value: 1 })
  })

  test('the demonstration app, bundled, serves and meets a refused Redis', async () => {
    await using given = await behindProxy()
    const directory = await mkdtemp(join(process.cwd(), 'test/lambda/.example-'))
    const file = join(directory, 'lambda.mjs')
    try {
      await build({
        entryPoints: ['workers/lambda.ts'],
        bundle: true,
        outfile: file,
        format: 'esm',
        platform: 'node',
      })
      await using lambda = await startLambda(file, { REDIS_URL: given.proxy.url })
      const ask = async (method: string, rawPath: string, body?: string) => {
        const { body: answer } = await lambda.invoke({
          version: '2.0',
          routeKey: '$default',
          rawPath,
          rawQueryString: '',
          headers: {},
          isBase64Encoded: false,
          body,
          requestContext: { domainName: 'localhost', http: { method, path: rawPath } },
        })
        return JSON.parse((answer as { body: string }).body) as unknown
      }
      expect(await ask('PUT', '/set/greeting', 'hello')).toEqual({ stored: true })
      expect(await ask('GET', '/lookup/greeting')).toMatchObject({ status: 'hit', value: 'hello' })
      await given.proxy.until(({ open }) => open === 0)
      await given.proxy.set('refuse')
      expect(await ask('GET', '/lookup/greeting')).toMatchObject({ status: 'degraded', reason: 'unreachable' })
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
})
