import { env } from 'cloudflare:workers'
import { type CacheOptions, createCache, fromEnv } from 'fastmiss'
import { cluster, tcp } from 'fastmiss/tcp'
import { createApp } from './app.ts'

// Once per isolate: the cache object remembers an outage from one request to the next.
let cooldownUntil = 0
const options: CacheOptions = {
  ...fromEnv(env),
  namespace: 'demo',
  // They answer whoever asks for them: see the routes.
  memory: true,
  onEvent(event) {
    if (event.type === 'cooldown') cooldownUntil = Date.now() + event.ms
    if (event.type === 'recovered') cooldownUntil = 0
  },
}
const { url = '', ...others } = options
const cache = /^rediss?\+cluster:/.test(url)
  ? createCache({ ...others, transport: cluster(url) })
  : /^rediss?:/.test(url)
    ? createCache({ ...others, transport: tcp(url) })
    : createCache(options)

export default createApp(cache, undefined, () => cooldownUntil - Date.now())
