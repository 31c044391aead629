import { createRequire } from 'node:module'
import type * as Driver from '@redis/client'

/**
 * The very copy of node-redis that fastmiss runs on. Two copies are compiled apart, and the one that runs more often, the
 * baseline's, is the faster one of the two.
 */
export const { RedisClient } = createRequire(import.meta.resolve('fastmiss'))('@redis/client') as typeof Driver
