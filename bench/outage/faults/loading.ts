import { createClient } from 'redis'
import { type LocalRedis, startRedis } from 'fastmiss/testing'

/** Longer than a cell lasts: so many keys, each read with a pause of so many µs. */
const KEYS = 10_000
const KEY_BYTES = 1_100
const PAUSE_US = 2_000

/** A real Redis that is loading its dataset for the next 20 seconds, and says so. */
export async function startLoading(): Promise<LocalRedis> {
  // It looks at its clients after each so many bytes of the dataset.
  const redis = await startRedis({ args: ['--enable-debug-command', 'yes', '--loading-process-events-interval-bytes', '1024'] })
  const client = createClient({ url: redis.url })
  client.on('error', () => {})
  await client.connect()
  await client.sendCommand(['DEBUG', 'POPULATE', String(KEYS), 'key', String(KEY_BYTES)])
  await client.configSet('key-load-delay', String(PAUSE_US))
  // Answered when it has loaded.
  client.sendCommand(['DEBUG', 'RELOAD']).catch(() => {})
  await untilLoading(redis.url)
  return {
    ...redis,
    async stop() {
      client.destroy()
      await redis.stop()
    },
  }
}

async function untilLoading(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const probe = createClient({ url, RESP: 2, disableClientInfo: true, socket: { reconnectStrategy: false } })
    probe.on('error', () => {})
    try {
      await probe.connect()
      await probe.get('key:0')
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('LOADING')) return
      throw error
    } finally {
      probe.destroy()
    }
  }
  throw new Error('Redis did not begin to load its dataset')
}
