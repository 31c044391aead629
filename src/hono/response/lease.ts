import type { StoredResponse } from '../../http/stored.ts'
import { variantText } from '../../http/vary.ts'
import { internalsOf } from '../../facade/internals.ts'
import type { CacheOperations } from '../../facade/operations.ts'
import type { ResponseMemo } from './memo.ts'
import { storedKey } from './stored-key.ts'

/** For so long (ms) nobody else refreshes a response, so that one handler call does; one that fails is not repeated before. */
const LEASE_MS = 10_000
/** Those who read the stale response before the fresh one was there come within this (ms). */
const LATECOMERS_MS = 1_000

/** The right to refresh one stored response. */
export interface Lease {
  /** For one that succeeded: whoever finds the response stale again may refresh it again. @param lifetime ms until then */
  shorten(lifetime: number): Promise<void>
}

/** @returns undefined where somebody else has it, or Redis gives no answer */
export async function takeLease(
  cache: CacheOperations,
  id: string,
  { key, vary }: StoredResponse,
  hash: ResponseMemo['hash'],
): Promise<Lease | undefined> {
  const context = internalsOf(cache)
  const { store } = context
  const place = storedKey(context, id, `lease:${await hash(variantText(key, vary))}`)
  const [isTaken] = await store.write([{ key: place, text: '1', ttl: LEASE_MS, ifAbsent: true }], 'lease')
  if (isTaken !== true) return undefined
  return {
    async shorten(lifetime) {
      const span = Math.max(LATECOMERS_MS, Math.ceil(lifetime))
      if (span < LEASE_MS) await store.write([{ key: place, text: '1', ttl: span }], 'lease')
    },
  }
}
