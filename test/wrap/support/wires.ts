import { askCluster, sharedCluster } from '../../support/shared-cluster.ts'
import { type Cache, type CacheOptions, createCache } from 'fastmiss'
import { startRedis, startUpstash } from 'fastmiss/testing'
import { createClient } from 'redis'

/** Every way to a store. */
export const WIRES = ['memory', 'tcp', 'rest', 'cluster'] as const
export type Wire = (typeof WIRES)[number]

/** A cache over a wire, another one to the same store where there is one, and raw commands to look with. */
export async function onWire(wire: Wire, options: Partial<CacheOptions> = {}) {
  const common: CacheOptions = { namespace: 'app', timeout: 2_000, ...options }
  if (wire === 'memory') {
    const cache = createCache({ url: 'memory:', ...common })
    return {
      cache,
      other: (): Cache => cache,
      url: '',
      raw: async (): Promise<unknown> => undefined,
      [Symbol.asyncDispose]: async () => cache.close(),
    }
  }
  if (wire === 'cluster') return onCluster(common)
  const redis = await startRedis()
  const upstash = wire === 'rest' ? await startUpstash({ redis: redis.url }) : undefined
  const place = upstash === undefined ? { url: redis.url } : { url: upstash.url, token: upstash.token }
  return {
    cache: createCache({ ...place, ...common }),
    other: (): Cache => createCache({ ...place, ...common }),
    url: redis.url,
    async raw(...command: string[]): Promise<unknown> {
      const client = await createClient({ url: redis.url }).connect()
      try {
        return await client.sendCommand(command)
      } finally {
        client.destroy()
      }
    },
    async [Symbol.asyncDispose]() {
      await upstash?.stop()
      await redis.stop()
    },
  }
}

async function onCluster(common: CacheOptions) {
  const cluster = await sharedCluster()
  return {
    cache: createCache({ url: cluster.url, ...common }),
    other: (): Cache => createCache({ url: cluster.url, ...common }),
    url: cluster.url,
    raw: (...command: string[]): Promise<unknown> => askCluster(cluster, command),
    [Symbol.asyncDispose]: async () => {},
  }
}

/** A loader that counts its calls and returns `value 1`, `value 2` … */
export function counting() {
  const state = { calls: 0 }
  return {
    get calls() {
      return state.calls
    },
    load: (): string => `value ${(state.calls += 1)}`,
  }
}

/** A promise and what settles it. */
export function gate() {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}

/** Keeps what `waitUntil` is given, to be waited for. */
export function background() {
  const kept: Promise<unknown>[] = []
  return {
    kept,
    waitUntil: (promise: Promise<unknown>): void => void kept.push(promise),
    settled: async (): Promise<void> => {
      for (let index = 0; index < kept.length; index += 1) await kept[index]
    },
  }
}
