import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ThrowawayCertificate, throwawayCertificate } from '../throwaway-certificate.ts'
import { socketPathIn } from './redis-directory.ts'

/** What a test may ask of its Redis. */
export interface RedisSettings {
  readonly password: string | undefined
  readonly tls: boolean
  readonly unixSocket: boolean
  readonly maxclients: number | undefined
  readonly args: readonly string[]
  /** With TLS: one that several servers share. Default: one of its own. */
  readonly certificate?: ThrowawayCertificate
}

/** The arguments of a redis-server, and what they made. */
export interface RedisConfig {
  readonly args: readonly string[]
  /** PEM, with TLS. */
  readonly ca: string | undefined
  readonly socketPath: string | undefined
}

/**
 * Writes what a redis-server needs into its directory and spells its arguments.
 *
 * @param settings what was asked for
 * @param directory its working directory
 * @param port the port of loopback it is to listen on
 */
export async function redisConfig(settings: RedisSettings, directory: string, port: number): Promise<RedisConfig> {
  const tls = settings.tls ? await tlsConfig(settings.certificate ?? (await throwawayCertificate()), directory, port) : undefined
  const socketPath = settings.unixSocket ? socketPathIn(directory) : undefined
  const args = [
    ...option('bind', '127.0.0.1'),
    ...(tls?.args ?? option('port', String(port))),
    ...option('unixsocket', socketPath),
    ...option('requirepass', settings.password),
    ...option('maxclients', settings.maxclients?.toString()),
    // Nothing is to reach the disk: a test wants an empty Redis and leaves none behind.
    ...option('save', ''),
    ...option('appendonly', 'no'),
    ...settings.args,
    // Last, so that they hold whatever was asked for: the directory is removed, the log is read.
    ...option('dir', directory),
    ...option('daemonize', 'no'),
    ...option('loglevel', 'notice'),
    ...option('logfile', ''),
  ]
  return { args, ca: tls?.ca, socketPath }
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`--${name}`, value]
}

async function tlsConfig({ ca, cert, key }: ThrowawayCertificate, directory: string, port: number): Promise<{ args: readonly string[]; ca: string }> {
  const [certFile, keyFile] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
  await Promise.all([writeFile(certFile, cert), writeFile(keyFile, key, { mode: 0o600 })])
  const args = [
    ...option('port', '0'),
    ...option('tls-port', String(port)),
    ...option('tls-cert-file', certFile),
    ...option('tls-key-file', keyFile),
    ...option('tls-ca-cert-file', certFile),
    ...option('tls-auth-clients', 'no'),
  ]
  return { args, ca }
}
