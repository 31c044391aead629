export { type LocalRedis, startRedis, type StartRedisOptions } from './start-redis.ts'
