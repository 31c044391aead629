import type { Bytes } from '../embedded/reply.ts'
import { configSet, defaultSettings, type Settings } from '../embedded/settings.ts'
import { startEmbeddedRedis } from '../embedded/start-embedded-redis.ts'
import { throwawayCertificate } from '../throwaway-certificate.ts'
import type { RedisSettings } from './redis-config.ts'
import { redisDirectory, removeDirectory, socketPathIn } from './redis-directory.ts'
import type { StartedRedis } from './started-redis.ts'

/**
 * Starts the embedded server with what a redis-server would be started with.
 *
 * @param port of loopback; 0 is any free one
 * @throws Error where the port is taken, or an argument asks for what it cannot do
 */
export async function startEmbedded(asked: RedisSettings, port: number): Promise<StartedRedis> {
  const settings = readSettings(asked)
  const tls = asked.tls ? await throwawayCertificate() : undefined
  // A process that forgets to stop it leaves no directory behind.
  const directory = asked.unixSocket ? redisDirectory() : undefined
  const socketPath = directory === undefined ? undefined : socketPathIn(directory)
  const clean = (): void => {
    if (directory !== undefined) removeDirectory(directory)
  }
  try {
    const server = await startEmbeddedRedis({ port, socketPath, tls, settings })
    const stop = async (): Promise<void> => {
      await server.stop()
      clean()
    }
    return { port: server.port, ca: tls?.ca, socketPath, stop }
  } catch (cause) {
    clean()
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE') {
      throw new Error(`The embedded Redis did not start: Address already in use: port ${port}`, { cause })
    }
    throw cause
  }
}

function readSettings({ password = '', maxclients, args }: RedisSettings): Settings {
  const settings = defaultSettings()
  settings.requirepass = bytesOf(password)
  if (maxclients !== undefined) settings.maxclients = maxclients
  for (let at = 0; at < args.length; at += 2) {
    const [option = '', value = ''] = args.slice(at, at + 2)
    const name = option.replace(/^--/, '').toLowerCase()
    try {
      configSet(settings, [[name, bytesOf(value)]])
    } catch (cause) {
      throw new Error(`The embedded Redis did not start: it cannot do ${option} ${value}; a redis-server on PATH may`, { cause })
    }
  }
  return settings
}

/** What clients send is UTF-8, and settings are told in bytes. */
function bytesOf(text: string): Bytes {
  return Buffer.from(text).toString('latin1')
}
