export { upstash, type UpstashRedis } from './transport/http/upstash.ts'
