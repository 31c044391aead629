import { env } from 'cloudflare:workers'
import { createCache, fromEnv } from 'fastmiss'
import { tcp } from 'fastmiss/tcp'
import { createApp } from './app.ts'

// Once per isolate: the cache object remembers an outage from one request to the next.
const options = { ...fromEnv(env), namespace: 'demo' }
const { url = '', ...others } = options
const cache = /^rediss?:/.test(url) ? createCache({ ...others, transport: tcp(url) }) : createCache(options)

export default createApp(cache)
