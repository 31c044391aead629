import { createCache, fromEnv } from 'fastmiss'
import { handle, type LambdaContext } from 'hono/aws-lambda'
import { createApp } from './app.ts'

const cache = createCache({ ...fromEnv(process.env), namespace: 'demo' })
// The driver is loaded while Lambda initialises the process, not in the first request.
await cache.preload()

/** How long before the function's end the cache stops being waited for, so that there is time to answer: ms. */
const RESERVE = 100

export const handler = handle(
  createApp(cache, (c) => {
    const { lambdaContext } = c.env as { readonly lambdaContext: LambdaContext }
    return Date.now() + lambdaContext.getRemainingTimeInMillis() - RESERVE
  }),
)
