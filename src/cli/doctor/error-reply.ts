import type { Diagnosis } from './hints.ts'
import { aclRules, NEEDED_COMMANDS } from './needed-commands.ts'

/** What to do about a cluster of several nodes. */
const ONE_NODE = 'Write redis+cluster:// instead of redis://, or rediss+cluster:// instead of rediss://: each key is then asked for at its node'

/** Redis says so to whoever connects, and hangs up. */
export const FULL: Diagnosis = { finding: 'Redis takes no more clients', hint: 'Find who holds connections (CLIENT LIST), or raise maxclients' }

/**
 * What Redis says with an error, whichever command it answers.
 *
 * @param code the first word of the reply
 */
export function errorReply(code: string): Diagnosis {
  switch (code) {
    case 'READONLY':
      return { finding: 'this is a read-only replica (READONLY)', hint: 'Use the address of the primary' }
    case 'OOM':
      return {
        finding: 'Redis is full and evicts nothing (OOM): no write will succeed',
        hint: 'CONFIG SET maxmemory-policy allkeys-lru, or give it more memory',
      }
    case 'LOADING':
      return { finding: 'Redis is still loading its data (LOADING)', hint: 'Wait for it; until then the cache answers degraded' }
    case 'MISCONF':
      return {
        finding: 'Redis cannot save to disk and refuses writes (MISCONF)',
        hint: 'Look into its log: disk full? Or switch off stop-writes-on-bgsave-error',
      }
    case 'MASTERDOWN':
      return { finding: 'this replica has lost its primary (MASTERDOWN)', hint: 'Use the address of the primary' }
    case 'MOVED':
    case 'ASK':
      return { finding: `this is one node of a cluster (${code})`, hint: ONE_NODE }
    case 'CLUSTERDOWN':
      return {
        finding: 'the cluster does not serve all its slots (CLUSTERDOWN)',
        hint: 'Look at CLUSTER INFO: nodes are down, or slots were never assigned',
      }
    case 'NOPERM':
      return {
        finding: 'this user or token may not do that with this key (NOPERM)',
        hint: `Extend its ACL (${aclRules(NEEDED_COMMANDS)}), or give --namespace so that the probe key lies where it may write`,
      }
    default:
      return { finding: `Redis answered with an error (${code})`, hint: 'Check the number of the database in the URL; the log of Redis may say more' }
  }
}
