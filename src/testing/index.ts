export { faultProxy, type FaultProxy, type FaultProxyOptions } from './fault-proxy.ts'
export type { Fault, FaultOptions } from './proxy/fault.ts'
export type { ProxyCounters, ProxyEvent } from './proxy/proxy-log.ts'
export { type LocalRedis, startRedis, type StartRedisOptions } from './start-redis.ts'
