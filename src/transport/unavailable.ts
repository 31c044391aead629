import { CacheError, scrub } from '../errors.ts'
import type { Connection } from './transport.ts'

/** The driver cannot be imported, for example because a bundler left it out: a degraded answer, like any other failure. */
export function unavailable(driver: string, problem: unknown): Connection {
  const error = new CacheError('unreachable', `The driver ${driver} could not be loaded`, {
    cause: scrub(problem),
    isFatal: true,
    isOutage: true,
  })
  return { send: (commands) => Promise.resolve(commands.map(() => error)), isUsable: false, close: () => {} }
}
