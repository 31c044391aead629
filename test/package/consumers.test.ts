import { type LocalRedis, startRedis } from 'fastmiss/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recipe } from '../recipes/support/recipe.ts'
import { type Compiler, consumer } from './support/consumer.ts'

const TIMEOUT = 180_000
const OK = { output: '', exitCode: 0 }

let redis: LocalRedis
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

const CORE = `
import { CacheError, createCache, fromEnv, type Cache } from 'fastmiss'
import { tcp } from 'fastmiss/tcp'
import { upstash, type UpstashRedis } from 'fastmiss/upstash'

export const cache: Cache = createCache({ ...fromEnv({ REDIS_URL: 'redis://localhost' }), namespace: 'app', ttl: 60_000 })
createCache({ transport: tcp('redis://localhost', { connectTimeout: 100 }) })
export const over = (redis: UpstashRedis): Cache => createCache({ transport: upstash(redis) })
export async function read(): Promise<number | undefined> {
  const found = await cache.lookup<number>('n')
  if (found.status === 'degraded') found.error satisfies CacheError
  const bound = cache.invocation({ deadline: Date.now() + 1_000 })
  await bound.close()
  return bound.get<number>('n')
}
`

/** Types of `aws-lambda` meet ours without a word from the user. */
const LAMBDA = `
import type { APIGatewayProxyHandlerV2, Context, Handler, SQSHandler } from 'aws-lambda'
import { createCache } from 'fastmiss'
import { withCache } from 'fastmiss/lambda'

const cache = createCache({ url: 'memory:' })
export const http: APIGatewayProxyHandlerV2 = withCache(cache, async (event, context, bound) => {
  return { statusCode: 200, body: String(await bound.get(event.rawPath + context.awsRequestId)) }
})
export const plain: Handler<{ id: string }, number | undefined> = withCache(cache, async (event, context, bound) => bound.get<number>(event.id + context.functionName))
export const sqs: SQSHandler = withCache(cache, async (event, context, bound) => {
  await bound.setMany(event.Records.map(({ messageId }) => ({ key: messageId + context.awsRequestId, value: 1 })))
})
export const annotated: Handler = withCache(cache, async (event: { id: string }, context: Context, bound) => bound.get(event.id + context.functionName))
`

/** Where a store of Keyv is taken. */
const STORES = `
import { createCache as createManager } from 'cache-manager'
import { Cacheable } from 'cacheable'
import { CacheModule } from '@nestjs/cache-manager'
import { Keyv } from 'keyv'
import { createKeyv, KeyvFastmiss } from 'fastmiss/keyv'

const url = 'redis://localhost:6379'
export const keyv: Keyv = createKeyv(url, { keyv: 5, namespace: 'app' })
export const own = new Keyv({ store: new KeyvFastmiss(url, { keyv: 5 }), namespace: 'app' })
export const manager = createManager({ stores: [createKeyv(url, { keyv: 5 }), own] })
export const cacheable = new Cacheable({ secondary: createKeyv(url, { keyv: 5 }) })
export const nest = CacheModule.registerAsync({ useFactory: async () => ({ stores: [new KeyvFastmiss(url, { keyv: 5 })] }) })
`

/** Not in an ES module: Nest is CommonJS, and Keyv declares its class once for each. No Keyv at all fits there; the store above does. */
const KEYV_IN_NEST = `
import { CacheModule } from '@nestjs/cache-manager'
import { createKeyv } from 'fastmiss/keyv'
export const nest = CacheModule.registerAsync({ useFactory: async () => ({ stores: [createKeyv('redis://localhost:6379', { keyv: 5 })] }) })
`

/** got 14 is an ES module. */
const GOT = `
import got from 'got'
import { createKeyv, KeyvFastmiss } from 'fastmiss/keyv'
export const byKeyv = got.extend({ cache: createKeyv('redis://localhost:6379', { keyv: 5 }) })
export const byStore = got.extend({ cache: new KeyvFastmiss('redis://localhost:6379', { keyv: 5 }) })
`

const NODE = { types: ['node'] }
const WORKER = { lib: ['es2022'], types: ['@cloudflare/workers-types'] }
const NODE10 = { module: 'commonjs', moduleResolution: 'node10' }
const NODE16 = { module: 'node16', moduleResolution: 'node16' }
const BUNDLER = { module: 'esnext', moduleResolution: 'bundler' }

type Setting = readonly [Compiler, 'module' | 'commonjs', Readonly<Record<string, unknown>>]

const OLDEST: Setting = ['typescript54', 'commonjs', NODE10]
const NEWEST: Setting = ['typescript', 'module', BUNDLER]
/** The oldest compiler and today's: every form of resolution is what attw looks at, for every entry. */
const COMPILED: readonly Setting[] = [OLDEST, NEWEST]

describe.each(COMPILED)('%s in a package of type %s, %o', (compiler, type, options) => {
  test('the declarations hold in a Worker, whose lib has no AsyncDisposable', { timeout: TIMEOUT }, async () => {
    await using project = await consumer(type)
    await project.write({ 'src/core.ts': CORE })
    expect(await project.compile(compiler, { ...options, ...WORKER })).toEqual(OK)
  })
})

test('the declarations hold beside those of aws-lambda', { timeout: TIMEOUT }, async () => {
  await using project = await consumer('module')
  await project.write({ 'src/lambda.ts': LAMBDA })
  // Our declarations are checked above.
  expect(await project.compile('typescript54', { ...NODE16, ...NODE, skipLibCheck: true })).toEqual(OK)
})

/** Nest's are compiled and run below. */
test('a store fits where cache-manager, cacheable and got take one, in an ES module', { timeout: TIMEOUT }, async () => {
  await using project = await consumer('module')
  await project.write({ 'src/stores.ts': STORES, 'src/got.ts': GOT })
  // The declarations of those packages are not checked: some are wrong by themselves.
  const options = { module: 'nodenext', ...NODE, skipLibCheck: true, esModuleInterop: true }
  expect(await project.compile('typescript', options)).toEqual(OK)
})

const JEST_CASE = (load: string): string => `
${load}
test('reads what it wrote', async () => {
  for (const url of ['memory:', process.env.REDIS_URL ?? '']) {
    const cache = createCache({ url, timeout: 5_000 })
    expect(await cache.set('jest', 1)).toBe(true)
    expect(await cache.get('jest')).toBe(1)
  }
  const keyv = createKeyv(process.env.REDIS_URL ?? '', { keyv: 5, timeout: 5_000 })
  expect([await keyv.set('jest', 2), await keyv.get('jest')]).toEqual([true, 2])
  await keyv.disconnect()
  const found = await createCache({ url: 'redis://127.0.0.1:1', timeout: 5_000 }).lookup('k')
  expect(found).toMatchObject({ status: 'degraded', reason: 'unreachable', error: { code: 'unreachable' } })
  expect(await withCache(createCache({ url: 'memory:' }), async () => 3)({}, { getRemainingTimeInMillis: () => 1_000 })).toBe(3)
})
`

test('Jest requires it, plain and by ts-jest, and runs the recipe for Jest', { timeout: TIMEOUT }, async () => {
  await using project = await consumer('commonjs')
  const required = `const { createCache } = require('fastmiss'); const { createKeyv } = require('fastmiss/keyv'); const { withCache } = require('fastmiss/lambda')`
  const imported = `import { createCache } from 'fastmiss'; import { createKeyv } from 'fastmiss/keyv'; import { withCache } from 'fastmiss/lambda'`
  await project.write({
    'jest.config.json': { rootDir: '.', transform: { '^.+\\.ts$': ['ts-jest', { compiler: 'typescript', tsconfig: 'tsconfig.json' }] } },
    'tsconfig.json': {
      compilerOptions: {
        strict: true,
        module: 'commonjs',
        moduleResolution: 'node10',
        target: 'es2022',
        types: ['jest', 'node'],
        skipLibCheck: true,
      },
    },
    'plain.test.js': JEST_CASE(required),
    'compiled.test.ts': JEST_CASE(imported),
    'recipe.test.ts': await recipe('jest'),
  })
  const args = ['--config', 'jest.config.json', '--watchman=false', '--runInBand']
  const { output, exitCode } = await project.run('jest/bin/jest.js', args, { REDIS_URL: redis.url })
  expect(output).toContain('3 passed')
  expect(exitCode).toBe(0)
})

const NEST = `
import 'reflect-metadata'
import { CACHE_MANAGER, CacheModule, type Cache } from '@nestjs/cache-manager'
import { Inject, Injectable, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { createKeyv } from 'fastmiss/keyv'

@Injectable()
class Users {
  constructor(@Inject(CACHE_MANAGER) private readonly cache: Cache) {}
  async name(): Promise<unknown> {
    await this.cache.set('user:7', { name: 'Ada' }, 60_000)
    return this.cache.get('user:7')
  }
}

@Module({
  imports: [CacheModule.registerAsync({ useFactory: () => ({ stores: [createKeyv(process.env['REDIS_URL'] ?? '', { keyv: 5, timeout: 5_000 })] }) })],
  providers: [Users],
})
class AppModule {}

void NestFactory.createApplicationContext(AppModule, { logger: false }).then(async (app) => {
  console.log(JSON.stringify(await app.get(Users).name()))
  await app.close()
  process.exit(0)
})
`

test.each([
  ['commonjs', { module: 'commonjs', moduleResolution: 'node10' }],
  ['nodenext', { module: 'nodenext' }],
] as const)(
  "a store fits where Nest's CacheModule and others take one, compiled to %s, and it reads what it wrote in Redis",
  { timeout: TIMEOUT },
  async (_name, options) => {
    await using project = await consumer('commonjs')
    await project.write({ 'src/main.ts': NEST, 'src/stores.ts': STORES, 'src/nest.ts': KEYV_IN_NEST })
    const decorators = { experimentalDecorators: true, emitDecoratorMetadata: true, skipLibCheck: true, esModuleInterop: true }
    expect(await project.compile('typescript', { ...options, ...NODE, ...decorators })).toEqual(OK)
    expect(await project.run('./out/main.js', [], { REDIS_URL: redis.url })).toEqual({ output: '{"name":"Ada"}\n', exitCode: 0 })
  },
)
