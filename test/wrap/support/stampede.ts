import { createCache } from 'fastmiss'

/** One process of a stampede: 100 concurrent misses of one key at an instant. Prints how often its loader was called, and how long it took. */
const [url = '', startAt = '0', options = '{}'] = process.argv.slice(2)
const cache = createCache({ url, timeout: 3_000 })
await cache.health()
await new Promise((resolve) => setTimeout(resolve, Number(startAt) - Date.now()))
let calls = 0
const values = await Promise.all(
  Array.from({ length: 100 }, () =>
    cache.wrap(
      'k',
      async () => {
        calls += 1
        await new Promise((resolve) => setTimeout(resolve, 300))
        return 'value'
      },
      { ttl: 60_000, ...(JSON.parse(options) as object) },
    ),
  ),
)
process.stdout.write(JSON.stringify({ calls, isRight: values.every((value) => value === 'value') }))
