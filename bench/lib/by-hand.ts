import type { RedisClientType } from '@redis/client'
import { VALUE } from './value.ts'

/** ms */
export const TTL = 600_000
const PREFIX = 'by-hand::'

type Client = Pick<RedisClientType, 'set' | 'mGet'>

/** An entry as a cache has to store it, with a namespace and the end of its life, and whether Redis confirmed it. Nothing bounds it. */
export function setByHand(client: Client, key: string): Promise<boolean> {
  const at = Date.now()
  const text = JSON.stringify({ value: VALUE, expires: at + TTL, at })
  return client.set(PREFIX + key, text, { expiration: { type: 'PX', value: TTL } }).then(
    (reply) => reply === 'OK',
    () => false,
  )
}

/** Such entries, those whose life is not over. */
export async function getManyByHand(client: Client, keys: readonly string[]): Promise<readonly unknown[]> {
  const texts = await client.mGet(keys.map((key) => PREFIX + key))
  const at = Date.now()
  return texts.map((text) => {
    if (text === null) return undefined
    const { value, expires } = JSON.parse(text) as { readonly value: unknown; readonly expires: number }
    return expires > at ? value : undefined
  })
}
