import { asCacheError, CacheError, scrub } from '../errors.ts'
import type { Transport } from './transport.ts'

/**
 * A transport whose driver is imported when it is first asked for. One that cannot be, for example because a bundler left it out, is
 * a degraded answer for the reason `driver`: nothing was dialled, and waiting will not mend it.
 *
 * @param traits what is known of the transport without its driver
 * @param driver its package, to be named where it cannot be loaded
 * @param load imports it, and gives what opens connections
 */
export function lazily(traits: Omit<Transport, 'load' | 'open'>, driver: string, load: () => Promise<Pick<Transport, 'open'>>): Transport {
  let loaded: Pick<Transport, 'open'> | undefined

  return {
    ...traits,
    async load() {
      try {
        loaded = await load()
      } catch (error) {
        throw asCacheError(error) ?? unavailable(driver, error)
      }
    },
    open() {
      if (loaded === undefined) throw new CacheError('driver', `The driver ${driver} is not loaded`, { isFatal: true })
      return loaded.open()
    },
  }
}

/** The loader's message is about modules, not about data: what is missing is said nowhere else. */
function unavailable(driver: string, problem: unknown): CacheError {
  const why = problem instanceof Error ? `: ${problem.message.replace(/\.$/, '')}` : ''
  const remedy = 'If a bundler made this file, have it leave fastmiss out (external), or copy the files of its dist beside the bundle'
  return new CacheError('driver', `The driver ${driver} could not be loaded${why}. ${remedy}`, { cause: scrub(problem) })
}
