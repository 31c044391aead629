import { CacheError, scrub } from '../errors.ts'
import type { Connection, Transport } from './transport.ts'

/**
 * A transport whose driver is imported when it is first asked for. One that cannot be, for example because a bundler left it out, is
 * a degraded answer, like any other failure.
 *
 * @param traits what is known of the transport without its driver
 * @param driver its package, to be named where it cannot be loaded
 * @param load imports it, and gives what opens connections
 */
export function lazily(traits: Omit<Transport, 'load' | 'open'>, driver: string, load: () => Promise<Pick<Transport, 'open'>>): Transport {
  let loaded: Pick<Transport, 'open'> | undefined
  let problem: unknown

  return {
    ...traits,
    async load() {
      try {
        loaded = await load()
      } catch (error) {
        problem = error
      }
    },
    open: () => loaded?.open() ?? unavailable(driver, problem),
  }
}

function unavailable(driver: string, problem: unknown): Connection {
  // About modules, not about data: what is missing is said nowhere else.
  const why = problem instanceof Error ? `: ${problem.message}` : ''
  const error = new CacheError('unreachable', `The driver ${driver} could not be loaded${why}`, {
    cause: scrub(problem),
    isFatal: true,
    isOutage: true,
  })
  return { send: (commands) => Promise.resolve(commands.map(() => error)), isUsable: false, close: () => {} }
}
