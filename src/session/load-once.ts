import { asCacheError, CacheError, scrub } from '../errors.ts'
import type { Transport } from '../transport/transport.ts'

/**
 * Loads a transport's driver once; where that fails, the next one to ask tries again.
 *
 * @returns undefined once the driver is there, so that a hot path need not wait for a promise; until then why it is not. Never rejects
 */
export function loadOnce(transport: Transport): () => Promise<CacheError | undefined> | undefined {
  let isLoaded = transport.load === undefined
  let loading: Promise<CacheError | undefined> | undefined

  async function load(): Promise<CacheError | undefined> {
    try {
      await transport.load?.()
      isLoaded = true
      return undefined
    } catch (error) {
      return asCacheError(error) ?? new CacheError('driver', 'The transport could not be loaded', { cause: scrub(error) })
    }
  }
  return () => {
    if (isLoaded) return undefined
    loading ??= load().finally(() => (loading = undefined))
    return loading
  }
}
