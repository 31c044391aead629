import type { RedisSettings } from './redis-config.ts'

/** Over TLS the name is that of the certificate; workerd does not check addresses against it. */
export function redisUrl({ tls, password }: Pick<RedisSettings, 'tls' | 'password'>, port: number): string {
  const credentials = password === undefined ? '' : `:${encodeURIComponent(password)}@`
  return tls ? `rediss://${credentials}localhost:${port}` : `redis://${credentials}127.0.0.1:${port}`
}
