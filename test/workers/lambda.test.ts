import { startRedis } from 'fastmiss/testing'
import { expect, test, vi } from 'vitest'

test('the same app answers as a Lambda function', async () => {
  await using redis = await startRedis()
  vi.stubEnv('REDIS_URL', redis.url)
  const { handler } = await import('../../workers/lambda.ts')
  vi.unstubAllEnvs()
  const ask = async (method: string, rawPath: string, body?: string) => {
    const event = {
      version: '2.0',
      routeKey: '$default',
      rawPath,
      rawQueryString: '',
      headers: {},
      isBase64Encoded: false,
      body: body ?? null,
      requestContext: { domainName: 'localhost', http: { method, path: rawPath } },
    }
    const context = { getRemainingTimeInMillis: () => 3_000 }
    // A function URL's event and a context, cut down to what is read of them.
    const answer = (await handler(event as never, context as never)) as { statusCode: number; body: string }
    return { statusCode: answer.statusCode, body: JSON.parse(answer.body) as unknown }
  }
  expect(await ask('PUT', '/set/greeting', 'hello')).toEqual({ statusCode: 200, body: { stored: true } })
  expect(await ask('GET', '/lookup/greeting')).toMatchObject({ body: { status: 'hit', value: 'hello' } })
  expect(await ask('GET', '/health')).toMatchObject({ statusCode: 200, body: { status: 'ok', transport: 'tcp' } })
})
