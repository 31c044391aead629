import { createCache, fromEnv } from 'fastmiss'
import { withCache } from 'fastmiss/lambda'

// As in a Lambda function: once per process, the driver loaded at init.
const cache = createCache({ ...fromEnv(process.env), timeout: 10_000, connectTimeout: 10_000 })
await cache.preload()

/** What is open when an invocation begins: what the last one left behind. */
const left = () => process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout|DNS|GetAddrInfo/.test(name))

export const handler = withCache(cache, async (event, _context, own) => {
  const leftBehind = left()
  if (event.throws) {
    await own.get('key')
    throw new Error('of the handler')
  }
  if (event.value !== undefined) await own.set('key', event.value)
  const { error, ...found } = await own.lookup('key')
  return { ...found, left: leftBehind }
})
