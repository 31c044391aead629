import { env } from 'cloudflare:workers'
import { createKeyv } from 'fastmiss/keyv'

const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = env as { UPSTASH_REDIS_REST_URL: string; UPSTASH_REDIS_REST_TOKEN: string }
const keyv = createKeyv({ url, token, namespace: 'edge', timeout: 1_000, cooldown: 0, maxCooldown: 0 })
const errors: string[] = []
keyv.on('error', (error: { code: string }) => errors.push(error.code))

export default {
  /** Counts the visits of a path, and says what went wrong on the way. */
  async fetch(request: Request): Promise<Response> {
    const key = new URL(request.url).pathname
    const seen = ((await keyv.get<number>(key)) ?? 0) + 1
    const isStored = await keyv.set(key, seen, 60_000)
    return Response.json({ seen, isStored, errors: errors.splice(0) })
  },
}
