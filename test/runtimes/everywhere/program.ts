import { createRequire } from 'node:module'
import { CacheError } from 'fastmiss'
import { runEverywhere } from './cases.ts'
import { type Places, wiresTo } from './places.ts'

// Those whose peers are here, or that need none.
for (const entry of ['tcp', 'upstash', 'hono', 'lambda', 'keyv', 'testing']) await import(`fastmiss/${entry}`)
const required = createRequire(import.meta.url)('fastmiss') as { readonly CacheError: unknown; readonly createCache: unknown }
const isRequired = typeof required.createCache === 'function' && required.CacheError !== CacheError
const report = await runEverywhere(wiresTo(JSON.parse(process.argv[2] ?? '') as Places, (url) => ({ url })))
console.log(JSON.stringify({ report, isRequired, at: Date.now() }))
