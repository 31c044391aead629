import type { Cache } from '../../facade/types.ts'
import type { ShardKeys } from './application-port.ts'
import { CommandFailed } from '../command-failed.ts'

/** What is asked of Redis on the way past the faults. */
export interface PastFaults {
  /**
   * Puts the key that is to be found and removes the one that is written, once a fault.
   *
   * @param ttl ms until it goes by itself
   * @throws CommandFailed where Redis is sick by itself
   */
  seed(ttl: number): Promise<void>
  /** The last number that Redis holds, past all faults, of each shard; 0 where none. @throws CommandFailed where Redis is sick by itself */
  written(): Promise<readonly number[]>
}

/**
 * @param direct reaches Redis by itself
 * @param keys of each shard
 * @param shown what the Redis is, for the error where it is sick by itself
 */
export function pastFaults(direct: Cache, keys: readonly ShardKeys[], shown: string): PastFaults {
  return {
    async seed(ttl) {
      const done = await Promise.all(keys.flatMap(({ present, written }) => [direct.set(present, 'x'.repeat(100), { ttl }), direct.delete(written)]))
      if (done.includes(false)) throw sick(shown)
    },
    written: () =>
      Promise.all(
        keys.map(async ({ written }) => {
          const found = await direct.lookup<number>(written)
          if (found.status === 'degraded') throw sick(shown)
          return found.status === 'miss' ? 0 : found.value
        }),
      ),
  }
}

/** It was to be a fault of ours alone. */
function sick(shown: string): CommandFailed {
  return new CommandFailed(`${shown} does not answer without any fault of ours. Try: fastmiss doctor`)
}
